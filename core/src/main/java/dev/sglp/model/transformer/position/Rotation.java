package dev.sglp.model.transformer.position;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Turns queries and keys by their positions. All layers of a network share one: the table of sines and cosines of the last
/// length is kept, and goes when the network does.
public final class Rotation {
    private final Rope rope;
    private final AtomicReference<@Nullable Table> last = new AtomicReference<>();

    public Rotation(Rope rope) {
        this.rope = rope;
    }

    /// Of the numbers that are turned.
    ///
    /// @param cos `[T, 1, h]`
    /// @param sin `[T, 1, h]`, negative in the first of each pair
    private record Table(Tensor cos, Tensor sin) {
        boolean fits(Tensor x) {
            return cos.size(0) == x.size(1) && cos.scalar_type().intern() == x.scalar_type().intern()
                    && cos.is_cpu() == x.is_cpu();
        }
    }

    /// Every head `[x₁, x₂]` at position `p` becomes `[x₁ cos − x₂ sin, x₂ cos + x₁ sin]` of its angles at `p`; what stands behind the
    /// turned numbers stays.
    public Tensor turned(Tensor x) { // [B, T, H, h]
        var table = table(x);
        if (x.size(3) == rope.headSize()) {
            return x.mul(table.cos).addcmul(swapped(x), table.sin);
        }
        var first = x.narrow(3, 0, rope.headSize());
        return beside(first.mul(table.cos).addcmul(swapped(first), table.sin), x);
    }

    /// The gradient's way back: the turn's transpose, which but for a strength is the other way round.
    public Tensor turnedBack(Tensor x) { // [B, T, H, h]
        var table = table(x);
        var first = x.size(3) == rope.headSize() ? x : x.narrow(3, 0, rope.headSize());
        var back = first.mul(table.cos).addcmul_(swapped(first), table.sin, new Scalar(-1.0));
        return x.size(3) == rope.headSize() ? back : beside(back, x);
    }

    /// With the numbers of `x` that are not turned.
    private Tensor beside(Tensor turned, Tensor x) {
        long size = rope.headSize();
        return torch.cat(new TensorVector(turned, x.narrow(3, size, x.size(3) - size)), 3);
    }

    private Tensor swapped(Tensor x) { // [B, T, H, h] → each pair [x₂, x₁]
        return switch (rope.pairs()) {
            case HALVES -> x.roll(new long[]{rope.headSize() / 2}, 3);
            case NEIGHBOURS -> x.unflatten(3, new long[]{-1, 2}).flip(4).flatten(3, 4);
        };
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
        var frequencies = rope.frequencies(rows);
        double strength = rope.strength();
        boolean halves = rope.pairs() == Rope.Pairs.HALVES;
        for (int i = 0; i < rows * half; i++) {
            int start = i / half * 2 * half;
            int first = start + (halves ? i % half : i % half * 2);
            int second = first + (halves ? half : 1);
            double angle = i / half * frequencies[i % half]; // a float product, as transformers has it
            cos[first] = cos[second] = (float) (Math.cos(angle) * strength);
            sin[second] = (float) (Math.sin(angle) * strength);
            sin[first] = -sin[second];
        }
        return new Table(tensor(cos, x), tensor(sin, x));
    }

    private Tensor tensor(float[] values, Tensor like) {
        return Scope.yieldOwned(() -> Tensors.floats(values, like.size(1), 1, rope.headSize()).to(like));
    }
}
