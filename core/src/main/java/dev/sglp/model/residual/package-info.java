/// Residual blocks with batch norm, faster than operator by operator: a derivative by hand, and norms folded away.
@NullMarked
package dev.sglp.model.residual;

import org.jspecify.annotations.NullMarked;
