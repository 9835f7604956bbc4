/// Language models with experts of which each token asks a few, a file each.
@NullMarked
package dev.sglp.family.decoder.experts;

import org.jspecify.annotations.NullMarked;
