/// What a network is worth and what it costs, in plain numbers.
@NullMarked
package dev.sglp.evaluation;

import org.jspecify.annotations.NullMarked;
