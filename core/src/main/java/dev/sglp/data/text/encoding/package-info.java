/// The native library of tokenizers, and how it reads long texts in little memory.
@NullMarked
package dev.sglp.data.text.encoding;

import org.jspecify.annotations.NullMarked;
