/// Least squares of maps on rows that come batch by batch.
@NullMarked
package dev.sglp.repair.solver;

import org.jspecify.annotations.NullMarked;
