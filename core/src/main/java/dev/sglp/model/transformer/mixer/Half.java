package dev.sglp.model.transformer.mixer;

import dev.sglp.tensor.Gradient;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Gradients of one sublayer.
///
/// @param input of its input, `[n, D]`
/// @param own   of the mixer's parameters in their order; none where not wanted
/// @param norm  of the weight of the norm before it; none where not wanted
public record Half(Tensor input, List<Gradient> own, List<Gradient> norm) {}
