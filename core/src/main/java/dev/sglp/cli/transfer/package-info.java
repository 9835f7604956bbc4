/// A trained network begins another task.
@NullMarked
package dev.sglp.cli.transfer;

import org.jspecify.annotations.NullMarked;
