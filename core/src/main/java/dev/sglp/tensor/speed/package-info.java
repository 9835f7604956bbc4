/// What the machine is measured to be fast at.
@NullMarked
package dev.sglp.tensor.speed;

import org.jspecify.annotations.NullMarked;
