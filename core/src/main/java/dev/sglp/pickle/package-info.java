/// An allow-list interpreter for Python pickles: containers and what the caller allows, never code.
@NullMarked
package dev.sglp.pickle;

import org.jspecify.annotations.NullMarked;
