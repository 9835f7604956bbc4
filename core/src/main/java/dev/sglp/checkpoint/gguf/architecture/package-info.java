/// The architectures of llama.cpp that are read, and a file of one of them as Hugging Face would have it.
@NullMarked
package dev.sglp.checkpoint.gguf.architecture;

import org.jspecify.annotations.NullMarked;
