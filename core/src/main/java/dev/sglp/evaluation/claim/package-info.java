/// What a checkpoint says of itself, beside what was measured.
@NullMarked
package dev.sglp.evaluation.claim;

import org.jspecify.annotations.NullMarked;
