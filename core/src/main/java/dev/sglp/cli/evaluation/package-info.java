/// One network on one or several data sets.
@NullMarked
package dev.sglp.cli.evaluation;

import org.jspecify.annotations.NullMarked;
