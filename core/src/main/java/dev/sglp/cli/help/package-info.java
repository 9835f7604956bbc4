/// How the flags of a command stand in its help.
@NullMarked
package dev.sglp.cli.help;

import org.jspecify.annotations.NullMarked;
