/// Convolutional networks for stored statistics alone: norms folded into convolutions.
@NullMarked
package dev.sglp.model.convolution.folded;

import org.jspecify.annotations.NullMarked;
