/// Families of convolutional networks, a file each.
@NullMarked
package dev.sglp.family.convolution.network;

import org.jspecify.annotations.NullMarked;
