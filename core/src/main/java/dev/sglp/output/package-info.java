/// Files that are there whole or not at all.
@NullMarked
package dev.sglp.output;

import org.jspecify.annotations.NullMarked;
