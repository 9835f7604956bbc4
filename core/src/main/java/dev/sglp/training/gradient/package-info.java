/// How the gradients of a step come about.
@NullMarked
package dev.sglp.training.gradient;

import org.jspecify.annotations.NullMarked;
