/// Finished parts and scores, kept for a run that is stopped.
@NullMarked
package dev.sglp.ledger;

import org.jspecify.annotations.NullMarked;
