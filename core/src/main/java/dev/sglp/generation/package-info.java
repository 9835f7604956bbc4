/// Language models continue texts: the next token is chosen, read, and so on.
@NullMarked
package dev.sglp.generation;

import org.jspecify.annotations.NullMarked;
