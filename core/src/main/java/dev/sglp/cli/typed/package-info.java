/// What the user typed.
@NullMarked
package dev.sglp.cli.typed;

import org.jspecify.annotations.NullMarked;
