/// Encoders of sentences and masked language models: one encoder, one file a family with what is different in it.
@NullMarked
package dev.sglp.family.encoder;

import org.jspecify.annotations.NullMarked;
