/// What a shell offers while a command is typed.
@NullMarked
package dev.sglp.cli.completion;

import org.jspecify.annotations.NullMarked;
