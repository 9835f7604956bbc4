/// In which precision sets of layers are scored.
@NullMarked
package dev.sglp.importance.precision;

import org.jspecify.annotations.NullMarked;
