package dev.sglp.data;

import org.bytedeco.pytorch.Tensor;

/// Some items as tensors, living in the scope that was open when they were made.
///
/// @param inputs  images: float32 `[B, C, H, W]`, normalised
/// @param targets images: class indices, int64 `[B]`
public record Batch(Tensor inputs, Tensor targets) {}
