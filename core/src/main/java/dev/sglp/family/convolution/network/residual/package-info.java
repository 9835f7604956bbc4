/// Residual networks in stages, a file a family.
@NullMarked
package dev.sglp.family.convolution.network.residual;

import org.jspecify.annotations.NullMarked;
