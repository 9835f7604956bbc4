/// Files of named tensors: readers that check every length against the file, writers that lose nothing.
@NullMarked
package dev.sglp.checkpoint;

import org.jspecify.annotations.NullMarked;
