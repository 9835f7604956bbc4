/// What a removal left is mended: from a plan and calibration data to changed tensors.
@NullMarked
package dev.sglp.repair;

import org.jspecify.annotations.NullMarked;
