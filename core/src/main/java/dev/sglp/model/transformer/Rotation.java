package dev.sglp.model.transformer;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Turns queries and keys by their positions. All layers of a network share one: the table of sines and cosines of the last
/// length is kept, and goes when the network does.
public final class Rotation {
    private final Rope rope;
    private final AtomicReference<@Nullable Table> last = new AtomicReference<>();

    public Rotation(Rope rope) {
        this.rope = rope;
    }

    /// @param cos `[T, 1, h]`
    /// @param sin `[T, 1, h]`, negative in the first half
    private record Table(Tensor cos, Tensor sin) {
        boolean fits(Tensor x) {
            return cos.size(0) == x.size(1) && cos.scalar_type().intern() == x.scalar_type().intern()
                    && cos.is_cpu() == x.is_cpu();
        }
    }

    /// Every head `[x₁, x₂]` at position `p` becomes `[x₁ cos − x₂ sin, x₂ cos + x₁ sin]` of its angles at `p`.
    public Tensor turned(Tensor x) { // [B, T, H, h]
        var table = table(x);
        return x.mul(table.cos).addcmul(swapped(x), table.sin);
    }

    /// The other way round, which is also the gradient's way back: a turn's transpose is its inverse.
    Tensor turnedBack(Tensor x) { // [B, T, H, h]
        var table = table(x);
        return x.mul(table.cos).addcmul_(swapped(x), table.sin, new Scalar(-1.0));
    }

    private Tensor swapped(Tensor x) { // [B, T, H, h] → [x₂, x₁]
        return x.roll(new long[]{rope.headSize() / 2}, 3);
    }

    private Table table(Tensor x) {
        var found = last.get();
        if (found == null || !found.fits(x)) {
            found = Autograd.recording(false, () -> make(x));
            last.set(found); // the old one may be in use by another thread: the garbage collector frees it
        }
        return found;
    }

    private Table make(Tensor x) {
        int half = rope.headSize() / 2;
        int rows = Math.toIntExact(x.size(1));
        var cos = new float[Math.multiplyExact(rows, 2 * half)];
        var sin = new float[cos.length];
        var frequencies = rope.frequencies();
        for (int i = 0; i < rows * half; i++) {
            int first = i / half * 2 * half + i % half;
            double angle = i / half * frequencies[i % half]; // a float product, as transformers has it
            cos[first] = cos[first + half] = (float) Math.cos(angle);
            sin[first + half] = (float) Math.sin(angle);
            sin[first] = -sin[first + half];
        }
        return new Table(tensor(cos, x), tensor(sin, x));
    }

    private Tensor tensor(float[] values, Tensor like) {
        return Scope.yieldOwned(() -> Tensors.floats(values, like.size(1), 1, rope.headSize()).to(like));
    }
}
