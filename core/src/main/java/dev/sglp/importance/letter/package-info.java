/// The paper's sentence word for word: pretrained layers in a network that is random everywhere else.
@NullMarked
package dev.sglp.importance.letter;

import org.jspecify.annotations.NullMarked;
