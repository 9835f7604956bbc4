/// What a transformer consists of, as plain data: from one description follow names and shapes of tensors, costs, construction.
@NullMarked
package dev.sglp.family.transformer;

import org.jspecify.annotations.NullMarked;
