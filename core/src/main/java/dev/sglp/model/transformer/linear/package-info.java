/// Linear maps of the last dimension, as checkpoints store them.
@NullMarked
package dev.sglp.model.transformer.linear;

import org.jspecify.annotations.NullMarked;
