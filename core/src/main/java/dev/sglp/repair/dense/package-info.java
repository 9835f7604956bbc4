/// The dense network's stream, kept for the repairs that look at it again.
@NullMarked
package dev.sglp.repair.dense;

import org.jspecify.annotations.NullMarked;
