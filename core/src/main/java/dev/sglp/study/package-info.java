/// Studies: many choices for one network, each finished row kept at once.
@NullMarked
package dev.sglp.study;

import org.jspecify.annotations.NullMarked;
