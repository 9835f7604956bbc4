/// Decoder language models: one decoder, one file a family with what is different in it.
@NullMarked
package dev.sglp.family.decoder;

import org.jspecify.annotations.NullMarked;
