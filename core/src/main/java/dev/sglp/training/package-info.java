/// Loops that change weights: healing and fine-tuning.
@NullMarked
package dev.sglp.training;

import org.jspecify.annotations.NullMarked;
