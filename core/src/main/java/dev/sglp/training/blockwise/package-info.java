/// Each layer behind a gap fitted by gradient to the dense network's stream, the layer outermost.
@NullMarked
package dev.sglp.training.blockwise;

import org.jspecify.annotations.NullMarked;
