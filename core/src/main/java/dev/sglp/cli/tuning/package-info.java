/// The commands that train.
@NullMarked
package dev.sglp.cli.tuning;

import org.jspecify.annotations.NullMarked;
