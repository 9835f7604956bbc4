/// Items of calibration, verification and report: decoded once, kept compact, batched as tensors.
@NullMarked
package dev.sglp.data;

import org.jspecify.annotations.NullMarked;
