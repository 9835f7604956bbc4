/// The parts of a Hugging Face directory: the index of its shards, and the files beside the weights.
@NullMarked
package dev.sglp.checkpoint.huggingface;

import org.jspecify.annotations.NullMarked;
