package dev.sglp.model.residual;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The way around a residual block, without parameters (He 2015, section 4.2, option A): the identity, or every second pixel
/// and zero channels.
///
/// @param step    1, or 2 where the block halves the image
/// @param padding zero channels, half before and half after; 0 for the identity
public record Shortcut(long step, long padding) {
    public Tensor forward(Tensor x) { // [B, in, H, W] → [B, in + padding, H/step, W/step]
        return identity()
                ? x
                : torch.constant_pad_nd(sampled(x), 0, 0, 0, 0, padding / 2, padding - padding / 2);
    }

    private boolean identity() {
        return step == 1 && padding == 0;
    }

    private Tensor sampled(Tensor x) { // a view
        var all = new LongOptional();
        return torch.slice(torch.slice(x, 2, all, all, step), 3, all, all, step);
    }

    /// Adds the shortcut's part of the input's gradient to the branch's.
    ///
    /// @param gradient of the input, by the branch; changed in place
    /// @param vector   gradient of the loss with respect to the sum
    Tensor addTo(Tensor gradient, Tensor vector) {
        if (identity()) {
            return gradient.add_(vector);
        }
        sampled(gradient).add_(vector.narrow(1, padding / 2, gradient.size(1)));
        return gradient;
    }
}
