/// What a removal left is mended in closed form: from a plan and calibration data to changed tensors, without gradients.
@NullMarked
package dev.sglp.repair;

import org.jspecify.annotations.NullMarked;
