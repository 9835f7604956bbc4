/// Norms over the last dimension.
@NullMarked
package dev.sglp.model.transformer.norm;

import org.jspecify.annotations.NullMarked;
