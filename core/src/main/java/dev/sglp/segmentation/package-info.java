/// Fisher's optimal segmentation of an ordered sequence.
@NullMarked
package dev.sglp.segmentation;

import org.jspecify.annotations.NullMarked;
