/// Tensors out of memory.
@NullMarked
package dev.sglp.tensor.file;

import org.jspecify.annotations.NullMarked;
