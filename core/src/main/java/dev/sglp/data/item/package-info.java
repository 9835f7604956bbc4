/// One example as it lies in memory: a picture or a signal, and what all of a set are like.
@NullMarked
package dev.sglp.data.item;

import org.jspecify.annotations.NullMarked;
