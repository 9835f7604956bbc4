/// Convolutions with norms and their derivative by hand.
@NullMarked
package dev.sglp.model.convolution.recording;

import org.jspecify.annotations.NullMarked;
