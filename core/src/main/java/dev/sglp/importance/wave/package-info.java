/// Scores of networks larger than memory.
@NullMarked
package dev.sglp.importance.wave;

import org.jspecify.annotations.NullMarked;
