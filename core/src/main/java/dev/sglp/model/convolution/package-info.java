/// Convolutional networks: images become maps, blocks with a way around them, classes.
@NullMarked
package dev.sglp.model.convolution;

import org.jspecify.annotations.NullMarked;
