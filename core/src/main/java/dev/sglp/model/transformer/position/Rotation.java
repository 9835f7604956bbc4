package dev.sglp.model.transformer.position;

import dev.sglp.model.past.Places;
import dev.sglp.model.past.Step;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
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
    /// @param cos `[T, 1, h]`, `[B, T, 1, h]` where texts are at different positions
    /// @param sin likewise, negative in the first of each pair
    private record Table(Tensor cos, Tensor sin) {
        /// @param both one above the other
        static Table of(Tensor both) {
            return new Table(both.select(0, 0), both.select(0, 1));
        }

        boolean fits(Tensor x) {
            return cos.size(0) == x.size(1) && cos.scalar_type().intern() == x.scalar_type().intern()
                    && cos.is_cpu() == x.is_cpu();
        }
    }

    /// Every head `[x₁, x₂]` at position `p` becomes `[x₁ cos − x₂ sin, x₂ cos + x₁ sin]` of its angles at `p`; what stands behind the
    /// turned numbers stays.
    public Tensor turned(Tensor x) { // [B, T, H, h]
        return turned(x, table(x));
    }

    /// The same for tokens that follow others.
    public Tensor turned(Tensor x, Step step) { // [B, T, H, h]
        return turned(x, Table.of(step.once(this, () -> table(x, step.places()))));
    }

    private Tensor turned(Tensor x, Table table) {
        if (x.size(3) == rope.headSize()) {
            return x.mul(table.cos).addcmul(swapped(x), table.sin);
        }
        var first = x.narrow(3, 0, rope.headSize());
        return beside(first.mul(table.cos).addcmul(swapped(first), table.sin), x);
    }

    /// The gradient's way back: the turn's transpose, which but for a strength is the other way round.
    public Tensor turnedBack(Tensor x) { // [B, T, H, h]
        return turnedBack(x, table(x));
    }

    /// The same for tokens that stand elsewhere.
    public Tensor turnedBack(Tensor x, Step step) { // [B, T, H, h]
        return turnedBack(x, Table.of(step.once(this, () -> table(x, step.places()))));
    }

    private Tensor turnedBack(Tensor x, Table table) {
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

    /// Whether a text's tokens are turned by the same angles when it has grown.
    public boolean alike(long length, long grown) {
        return rope.alike(length, grown);
    }

    private Table table(Tensor x) {
        var found = last.get();
        if (found == null || !found.fits(x)) {
            found = Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    var both = Table.of(table(x, Places.whole(x.size(1))));
                    return new Table(Scope.own(both.cos), Scope.own(both.sin));
                }
            });
            last.set(found); // the old one may be in use by another thread: the garbage collector frees it
        }
        return found;
    }

    /// Cosines, and below them sines: `[2, T, 1, h]`, `[2, B, T, 1, h]` where texts are at different positions.
    private Tensor table(Tensor like, Places places) {
        int each = places.length() * rope.headSize();
        int half = Math.multiplyExact(places.texts(), each);
        var both = new float[2 * half];
        for (var run : places.runs()) {
            int first = run.row() * each + run.column() * rope.headSize();
            write(both, first, half + first, run.start(), run.length());
        }
        long[] shape = places.alike()
                ? new long[]{2, places.length(), 1, rope.headSize()}
                : new long[]{2, places.texts(), places.length(), 1, rope.headSize()};
        return Device.of(like).floats(both, shape).to(like);
    }

    /// The rows of a text's tokens, of which the first stands at `start`.
    ///
    /// @param cos where the cosines go
    /// @param sin where the sines go
    private void write(float[] table, int cos, int sin, int start, int rows) {
        int half = rope.headSize() / 2;
        var frequencies = rope.frequencies(start + rows);
        double strength = rope.strength();
        boolean halves = rope.pairs() == Rope.Pairs.HALVES;
        for (int i = 0; i < rows * half; i++) {
            int row = i / half * 2 * half;
            int first = row + (halves ? i % half : i % half * 2);
            int second = first + (halves ? half : 1);
            double angle = (start + i / half) * frequencies[i % half]; // a float product, as transformers has it
            table[cos + first] = table[cos + second] = (float) (Math.cos(angle) * strength);
            table[sin + second] = (float) (Math.sin(angle) * strength);
            table[sin + first] = -table[sin + second];
        }
    }
}
