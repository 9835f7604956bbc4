/// What transformers are made of, each a record of named tensors with its formula.
@NullMarked
package dev.sglp.model.transformer;

import org.jspecify.annotations.NullMarked;
