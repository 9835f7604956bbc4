package dev.sglp.model.transformer;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Which positions a token sees: itself and those before it, or the last of them where there is a window. Layers with the
/// same window share one: the mask of the last length is kept, and goes when the network does.
public final class CausalMask {
    private final int window;
    private final AtomicReference<@Nullable Mask> last = new AtomicReference<>();

    /// @param window positions a token sees, itself included; 0 for all before it
    public CausalMask(int window) {
        this.window = window;
    }

    private record Mask(Tensor scores) {
        boolean fits(long length, Tensor like) {
            return scores.size(0) == length && scores.scalar_type().intern() == like.scalar_type().intern()
                    && scores.is_cpu() == like.is_cpu();
        }
    }

    /// Whether the window covers a text of this length.
    boolean seesAll(long length) {
        return window == 0 || window >= length;
    }

    /// What is added to the scores: 0 where row `i` sees column `j`, −∞ elsewhere.
    ///
    /// @param like of the wanted element type, on the wanted device
    Tensor scores(long length, Tensor like) { // [T, T]
        var found = last.get();
        if (found == null || !found.fits(length, like)) {
            found = new Mask(Autograd.recording(false, () -> Scope.yieldOwned(() -> make(length, like))));
            last.set(found); // the old one may be in use by another thread: the garbage collector frees it
        }
        return found.scores;
    }

    private Tensor make(long length, Tensor like) {
        var seen = torch.ones(new long[]{length, length}, new TensorOptions(ScalarType.Bool)).tril();
        var inside = seesAll(length) ? seen : seen.triu(1 - window);
        return Tensors.zeros(DType.F32, length, length)
                .masked_fill(inside.logical_not(), new Scalar(Double.NEGATIVE_INFINITY)).to(like);
    }
}
