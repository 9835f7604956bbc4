/// A repair that goes on by gradient where least squares end.
@NullMarked
package dev.sglp.repair.gradient;

import org.jspecify.annotations.NullMarked;
