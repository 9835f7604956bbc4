/// The language in which architectures of llama.cpp are told in the words of transformers: names, how tensors lie, values.
@NullMarked
package dev.sglp.checkpoint.gguf.dialect;

import org.jspecify.annotations.NullMarked;
