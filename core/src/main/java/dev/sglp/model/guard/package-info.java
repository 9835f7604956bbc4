/// Parts that look before they run.
@NullMarked
package dev.sglp.model.guard;

import org.jspecify.annotations.NullMarked;
