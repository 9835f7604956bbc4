/// The commands that compare many choices.
@NullMarked
package dev.sglp.cli.study;

import org.jspecify.annotations.NullMarked;
