/// The door to libtorch memory: who owns a tensor, its element type, the device, seeds.
@NullMarked
package dev.sglp.tensor;

import org.jspecify.annotations.NullMarked;
