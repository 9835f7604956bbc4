/// The ends of vision transformers: from an image to tokens, from tokens to classes.
@NullMarked
package dev.sglp.model.vision;

import org.jspecify.annotations.NullMarked;
