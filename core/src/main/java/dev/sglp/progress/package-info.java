/// What long work tells the user: step, done of total, time left.
@NullMarked
package dev.sglp.progress;

import org.jspecify.annotations.NullMarked;
