/// What the command line does for language models alone.
@NullMarked
package dev.sglp.cli.text;

import org.jspecify.annotations.NullMarked;
