/// What a block's sublayers compute: attention, multilayer perceptrons, experts.
@NullMarked
package dev.sglp.model.transformer.mixer;

import org.jspecify.annotations.NullMarked;
