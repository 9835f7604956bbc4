/// What a run says of the ideas that the method rests on: numbers, and what they mean in words.
@NullMarked
package dev.sglp.report.mechanism;

import org.jspecify.annotations.NullMarked;
