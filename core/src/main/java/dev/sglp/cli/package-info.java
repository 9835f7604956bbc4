/// The command line: one small command a step.
@NullMarked
package dev.sglp.cli;

import org.jspecify.annotations.NullMarked;
