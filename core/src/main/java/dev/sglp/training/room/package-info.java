/// What a step of a training takes of the memory, and how it goes into less.
@NullMarked
package dev.sglp.training.room;

import org.jspecify.annotations.NullMarked;
