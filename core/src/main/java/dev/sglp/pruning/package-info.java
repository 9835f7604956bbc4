/// Targets, quotas and the pruning plan: pure data.
@NullMarked
package dev.sglp.pruning;

import org.jspecify.annotations.NullMarked;
