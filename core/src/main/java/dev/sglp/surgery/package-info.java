/// Applies a plan to a model and to a checkpoint, re-opens what it wrote and proves it.
@NullMarked
package dev.sglp.surgery;

import org.jspecify.annotations.NullMarked;
