/// How much is computed.
@NullMarked
package dev.sglp.model.work;

import org.jspecify.annotations.NullMarked;
