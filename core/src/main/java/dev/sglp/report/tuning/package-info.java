/// How a training went: its record, its curve, its page.
@NullMarked
package dev.sglp.report.tuning;

import org.jspecify.annotations.NullMarked;
