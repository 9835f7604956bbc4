/// What of the best plans is compared.
@NullMarked
package dev.sglp.method.decision;

import org.jspecify.annotations.NullMarked;
