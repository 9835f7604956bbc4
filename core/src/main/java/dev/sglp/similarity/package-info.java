/// CKA between the representations of layers.
@NullMarked
package dev.sglp.similarity;

import org.jspecify.annotations.NullMarked;
