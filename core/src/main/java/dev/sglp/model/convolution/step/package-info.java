/// What an activation of a convolutional network goes through, a record each.
@NullMarked
package dev.sglp.model.convolution.step;

import org.jspecify.annotations.NullMarked;
