/// How gradients become steps, and how large they are.
@NullMarked
package dev.sglp.training.descent;

import org.jspecify.annotations.NullMarked;
