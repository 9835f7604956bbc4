/// Methods that look at the stream between the layers alone: one pass tells all of it.
@NullMarked
package dev.sglp.method.stream;

import org.jspecify.annotations.NullMarked;
