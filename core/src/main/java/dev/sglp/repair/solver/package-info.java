/// Least squares of maps on rows that come batch by batch, and which rows those are.
@NullMarked
package dev.sglp.repair.solver;

import org.jspecify.annotations.NullMarked;
