/// Files that are used where they lie in memory.
@NullMarked
package dev.sglp.checkpoint.mapped;

import org.jspecify.annotations.NullMarked;
