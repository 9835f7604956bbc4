/// Healing that re-estimates stored statistics and trains nothing.
@NullMarked
package dev.sglp.training.statistics;

import org.jspecify.annotations.NullMarked;
