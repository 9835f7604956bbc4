/// What is said of a repair.
@NullMarked
package dev.sglp.report.repair;

import org.jspecify.annotations.NullMarked;
