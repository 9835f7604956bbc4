package dev.sglp.model.transformer.position;

import dev.sglp.model.past.Places;
import dev.sglp.model.past.Step;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Which positions a token sees, and how much less the farther ones. Layers that see the same share one: the mask of the last length
/// is kept, and goes when the network does.
public final class Mask {
    private final Sight sight;
    private final AtomicReference<@Nullable Kept> last = new AtomicReference<>();

    /// What a token sees.
    ///
    /// @param window positions it sees, itself included; 0 for all. Where it sees both sides, half of them before it and half behind
    /// @param causal whether it sees itself and those before it alone
    /// @param alibi  whether farther positions count less, for each head
    public record Sight(int window, boolean causal, Alibi alibi) {
        /// Itself and those before it.
        ///
        /// @param window 0 for all
        public static Sight causal(int window) {
            return new Sight(window, true, new Alibi(0, 1));
        }

        /// Everything.
        public static Sight all() {
            return around(0);
        }

        /// Itself and those on both sides.
        ///
        /// @param window 0 for all
        public static Sight around(int window) {
            return new Sight(window, false, new Alibi(0, 1));
        }
    }

    /// Attention with linear biases (Press 2021, arXiv 2108.12409): key `j` gets `slope · j` for each head; both and their product
    /// are rounded to bfloat16, as transformers has it.
    ///
    /// @param heads 0 for none
    /// @param scale what they are multiplied by
    public record Alibi(int heads, double scale) {
        double slope(int head) {
            int power = Integer.highestOneBit(heads);
            boolean first = head < power;
            double exponent = 8.0 / (first ? power : 2 * power) * (first ? head + 1 : 2 * (head - power) + 1);
            return Math.pow(2, -exponent);
        }
    }

    public Mask(Sight sight) {
        this.sight = sight;
    }

    private record Kept(Tensor scores, long length) {
        boolean fits(long wanted, Tensor like) {
            return length == wanted && scores.scalar_type().intern() == like.scalar_type().intern()
                    && scores.is_cpu() == like.is_cpu();
        }
    }

    /// Whether `libtorch`'s own causal mask says the same for these tokens.
    public boolean plainCausal(Places places) {
        return sight.causal && places.square() && sight.alibi.heads == 0
                && (sight.window == 0 || sight.window >= places.length());
    }

    /// Whether every token sees all there is, all alike.
    public boolean open(Places places) {
        boolean last = sight.causal && places.length() == 1 && places.alike(); // sees those before it
        return (last || !sight.causal) && sight.alibi.heads == 0
                && (sight.window == 0 || farthest() >= places.all() - 1);
    }

    /// Whether a position sees none behind it.
    public boolean causal() {
        return sight.causal;
    }

    /// How far away the farthest position is that one sees.
    private long farthest() {
        return sight.causal ? sight.window - 1 : sight.window / 2;
    }

    /// What is added to the scores of whole texts: 0 where row `i` sees column `j`, −∞ elsewhere.
    ///
    /// @param like of the wanted element type, on the wanted device
    /// @return `[T, T]`, with biases `[H, T, T]`
    public Tensor scores(long length, Tensor like) {
        var found = last.get();
        if (found == null || !found.fits(length, like)) {
            found = new Kept(Autograd.recording(false,
                    () -> Scope.yieldOwned(() -> make(Places.whole(length), like))), length);
            last.set(found); // the old one may be in use by another thread: the garbage collector frees it
        }
        return found.scores;
    }

    /// The same for tokens that follow others, a row each, and all columns of their texts.
    ///
    /// @return `[T, S]`, with biases `[H, T, S]`; where texts differ `[B, 1, T, S]` or `[B, H, T, S]`
    public Tensor scores(Step step, Tensor like) {
        return step.once(this, () -> make(step.places(), like));
    }

    private Tensor make(Places places, Tensor like) {
        int rows = places.length();
        int columns = places.all();
        var device = Device.of(like);
        var inside = device.ones(DType.BOOL, rows, columns);
        int diagonal = places.seen(); // a row's own column is so far to the right of its number
        if (sight.causal) {
            inside = inside.tril(diagonal);
        }
        if (sight.window != 0 && farthest() < columns - 1) {
            inside = sight.causal
                    ? inside.triu(diagonal + 1 - sight.window)
                    : inside.triu(diagonal - sight.window / 2).tril(diagonal + sight.window / 2);
        }
        var seen = places.alike() ? inside : inside.logical_and(real(places, device));
        var mask = device.zeros(DType.F32, seen.shape()).masked_fill(seen.logical_not(),
                new Scalar(Double.NEGATIVE_INFINITY));
        return (sight.alibi.heads == 0 ? mask : mask.add(biases(places, device))).to(like);
    }

    /// Which columns hold a token of a row's text, `[B, 1, 1, S]`; of documents, of its own, `[B, 1, T, S]`.
    private static Tensor real(Places places, Device device) {
        if (!places.documents().isEmpty()) {
            var document = places.document(device); // [B, T]
            return document.unsqueeze(2).eq(document.unsqueeze(1)).unsqueeze(1);
        }
        var first = device.longs(places.padding().stream().mapToLong(i -> i).toArray()).view(-1, 1, 1, 1);
        return columns(places, device).ge(first);
    }

    private static Tensor columns(Places places, Device device) { // [S]
        return device.range(places.all());
    }

    private Tensor biases(Places places, Device device) { // [H, 1, S] or [B, H, 1, S]
        var slopes = new float[sight.alibi.heads];
        for (int h = 0; h < slopes.length; h++) {
            slopes[h] = (float) sight.alibi.slope(h);
        }
        var columns = columns(places, device).view(1, 1, -1);
        var positions = places.alike()
                ? columns
                : places.padding().isEmpty()
                        ? places.positions(device).view(-1, 1, 1, places.length())
                        : columns
                                .sub(device.longs(places.padding().stream().mapToLong(i -> i).toArray()).view(-1, 1, 1,
                                        1));
        var rounded = device.floats(slopes, slopes.length, 1, 1).to(ScalarType.BFloat16);
        return positions.to(ScalarType.BFloat16).to(ScalarType.Float).mul(rounded.to(ScalarType.Float))
                .to(ScalarType.BFloat16).to(ScalarType.Float).mul(new Scalar(sight.alibi.scale));
    }
}
