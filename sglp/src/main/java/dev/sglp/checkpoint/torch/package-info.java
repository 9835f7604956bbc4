/// What is inside a file of `torch.save`: archives, pickles, strided tensors.
@NullMarked
package dev.sglp.checkpoint.torch;

import org.jspecify.annotations.NullMarked;
