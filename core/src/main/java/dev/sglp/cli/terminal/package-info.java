/// What is known of the terminal, and what is said there in colour.
@NullMarked
package dev.sglp.cli.terminal;

import org.jspecify.annotations.NullMarked;
