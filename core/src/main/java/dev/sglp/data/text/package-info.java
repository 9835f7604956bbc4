/// Text as windows of tokens: tokenizers, files of text and of JSON lines, and their three roles.
@NullMarked
package dev.sglp.data.text;

import org.jspecify.annotations.NullMarked;
