/// What the stream between the dense network's layers says, from one pass for all who ask.
@NullMarked
package dev.sglp.importance.stream;

import org.jspecify.annotations.NullMarked;
