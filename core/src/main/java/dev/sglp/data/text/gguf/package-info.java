/// Tokenizers rebuilt from the metadata of GGUF files.
@NullMarked
package dev.sglp.data.text.gguf;

import org.jspecify.annotations.NullMarked;
