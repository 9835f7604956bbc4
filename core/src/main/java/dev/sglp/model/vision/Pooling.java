package dev.sglp.model.vision;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// What the classifiers read of the last layer's tokens.
public enum Pooling {
    /// The first token.
    CLASS_TOKEN,
    /// The patches' mean.
    PATCHES,
    /// The mean of all tokens.
    ALL,
    /// The first token and the patches' mean beside each other.
    CLASS_TOKEN_AND_PATCHES;

    /// How many times as wide as a token it is.
    public int times() {
        return this == CLASS_TOKEN_AND_PATCHES ? 2 : 1;
    }

    /// @param first tokens before the patches
    Tensor of(Tensor x, int first) { // [B, P + N, D] → [B, D] or [B, 2 D]
        return switch (this) {
            case CLASS_TOKEN -> x.select(1, 0);
            case PATCHES -> patches(x, first);
            case ALL -> x.mean(1);
            case CLASS_TOKEN_AND_PATCHES -> torch.cat(new TensorVector(x.select(1, 0), patches(x, first)), 1);
        };
    }

    private static Tensor patches(Tensor x, int first) {
        return x.narrow(1, first, x.size(1) - first).mean(1);
    }
}
