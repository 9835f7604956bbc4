/// How long forward passes are timed, and what their times say.
@NullMarked
package dev.sglp.evaluation.latency;

import org.jspecify.annotations.NullMarked;
