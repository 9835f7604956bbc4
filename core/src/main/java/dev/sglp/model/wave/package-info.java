/// Networks larger than memory: layers read from their file one after the other, and everything taken through each of them together.
@NullMarked
package dev.sglp.model.wave;

import org.jspecify.annotations.NullMarked;
