/// How a token's place enters: turned queries and keys, masks.
@NullMarked
package dev.sglp.model.transformer.position;

import org.jspecify.annotations.NullMarked;
