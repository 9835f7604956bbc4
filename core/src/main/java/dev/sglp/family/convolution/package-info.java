/// A convolutional network as plain data: stem, blocks and head, from which names, shapes, costs, what can go and construction follow.
@NullMarked
package dev.sglp.family.convolution;

import org.jspecify.annotations.NullMarked;
