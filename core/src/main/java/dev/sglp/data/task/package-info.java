/// Questions with choices, or with answers that are written, asked as lm-evaluation-harness 0.4.13 asks them.
@NullMarked
package dev.sglp.data.task;

import org.jspecify.annotations.NullMarked;
