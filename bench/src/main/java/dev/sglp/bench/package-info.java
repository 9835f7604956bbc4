/// sglp against PyTorch and against what the machine can do.
@NullMarked
package dev.sglp.bench;

import org.jspecify.annotations.NullMarked;
