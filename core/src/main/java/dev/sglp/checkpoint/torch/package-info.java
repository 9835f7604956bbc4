/// Inside a PyTorch file: the zip or legacy container, its pickle, storages, strided tensors, the state dict among them.
@NullMarked
package dev.sglp.checkpoint.torch;

import org.jspecify.annotations.NullMarked;
