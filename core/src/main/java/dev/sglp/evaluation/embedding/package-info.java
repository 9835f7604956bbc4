/// Embeddings and how far they agree with another network's.
@NullMarked
package dev.sglp.evaluation.embedding;

import org.jspecify.annotations.NullMarked;
