package dev.sglp.model.transformer.mixer;

import dev.sglp.model.past.Kept;
import dev.sglp.model.past.Places;
import dev.sglp.model.past.Step;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Projection.Heads;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.model.transformer.norm.RmsNorm;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.transformer.position.Rotation;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Self-attention (Vaswani 2017, arXiv 1706.03762) with grouped queries (Ainslie 2023, arXiv 2305.13245): each key and value head
/// serves several query heads.
///
/// @param projection of H query heads and G key heads, G divides H
/// @param output     `[D, H·h]`
/// @param norms      of queries and keys
/// @param reach      how positions are seen
public record Attention(Projection projection, Linear output, HeadNorms norms, Reach reach) implements Mixer {
    /// Scores that may be held at once: 32 MiB of bfloat16 a layer.
    private static final long MOST_SCORES = 1 << 24;

    /// What is done to queries and keys before they are turned.
    public sealed interface HeadNorms {
        /// Nothing.
        record None() implements HeadNorms {}

        /// Norms over the numbers of one head.
        record Each(Norm query, Norm key) implements HeadNorms {}

        /// Norms over the numbers of all heads together (OLMo 2).
        record Whole(Norm query, Norm key) implements HeadNorms {}

        /// The same on other tensors.
        default HeadNorms mapped(UnaryOperator<Tensor> other) {
            return switch (this) {
                case None none -> none;
                case Each each -> new Each(each.query.mapped(other), each.key.mapped(other));
                case Whole whole -> new Whole(whole.query.mapped(other), whole.key.mapped(other));
            };
        }

        private HeadNorms reinitialised() {
            return switch (this) {
                case None none -> none;
                case Each each -> new Each(each.query.reinitialised(), each.key.reinitialised());
                case Whole whole -> new Whole(whole.query.reinitialised(), whole.key.reinitialised());
            };
        }

        private SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            switch (this) {
                case None _ -> {
                }
                case Each each -> {
                    all.putAll(each.query.parameters());
                    all.putAll(each.key.parameters());
                }
                case Whole whole -> {
                    all.putAll(whole.query.parameters());
                    all.putAll(whole.key.parameters());
                }
            }
            return all;
        }
    }

    /// @param rotation absent where positions turn nothing
    /// @param headSize numbers a head, h
    /// @param scale    what `q kᵀ` is multiplied by, `1 / √h` as a rule
    /// @param cap      scores `s` become `cap · tanh(s / cap)`; 0 for no cap
    /// @param past     where the tokens stand; absent where each row is a whole text
    public record Reach(Optional<Rotation> rotation, int headSize, Mask mask, double scale, double cap,
            Optional<Before> past) {
        /// Of whole texts.
        public Reach(Optional<Rotation> rotation, int headSize, Mask mask, double scale, double cap) {
            this(rotation, headSize, mask, scale, cap, Optional.empty());
        }
    }

    /// Where the tokens of a pass stand.
    ///
    /// @param kept of the tokens before those; absent where whole texts are read
    public record Before(Optional<Kept> kept, Step step) {}

    /// `residual + forward(x)`
    @Override
    public Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
        return output.addedTo(residual, inner(x));
    }

    /// `softmax(q kᵀ · scale) v Wₒᵀ` over the positions each token sees.
    @Override
    public Tensor forward(Tensor x) {
        return output.forward(inner(x));
    }

    /// What the output map multiplies.
    @Override
    public Tensor inner(Tensor x) { // [B, T, D] → [B, T, H·h]
        var heads = normed(projection.of(x, reach.headSize));
        var q = turned(heads.query()); // [B, T, H, h]
        var k = turned(heads.key()); // [B, T, G, h]
        var v = heads.value(); // [B, T, G, h]
        if (reach.past.isEmpty()) {
            return mixed(q, k, v, Places.whole(x.size(1)));
        }
        var before = reach.past.get();
        var places = before.step.places();
        if (before.kept.isEmpty()) {
            return mixed(q, k, v, places);
        }
        var all = before.kept.get().with(k, v, places); // [B, S, G, h]
        if (places.length() == 1 && slowWhenFused(q, places)) { // a product in bfloat16 copies what has gaps
            all = before.kept.get().roomy();
        }
        return mixed(q, all.keys(), all.values(), places);
    }

    /// @param k of the texts so far, S tokens
    private Tensor mixed(Tensor q, Tensor k, Tensor v, Places places) {
        boolean simple = reach.cap == 0 && !slowWhenFused(q, places);
        return (simple ? fused(q, k, v, places) : multiplied(q, k, v, places)).flatten(2, 3);
    }

    private Heads normed(Heads heads) {
        return switch (norms) {
            case HeadNorms.None _ -> heads;
            case HeadNorms.Each(var q, var k) ->
                new Heads(q.forward(heads.query()), k.forward(heads.key()), heads.value());
            case HeadNorms.Whole(var q, var k) ->
                new Heads(whole(q, heads.query()), whole(k, heads.key()), heads.value());
        };

    }

    private static Tensor whole(Norm norm, Tensor heads) { // [B, T, n, h]
        return norm.forward(heads.flatten(2, 3)).view(heads.shape());
    }

    /// The gradient's way back through {@link #turned}.
    Tensor turnedBack(Tensor heads) {
        return reach.rotation
                .map(r -> reach.past.map(b -> r.turnedBack(heads, b.step)).orElseGet(() -> r.turnedBack(heads)))
                .orElse(heads);
    }

    Tensor turned(Tensor heads) {
        return reach.rotation.map(r -> reach.past.map(b -> r.turned(heads, b.step)).orElseGet(() -> r.turned(heads)))
                .orElse(heads);
    }

    /// Whether its derivative is known by hand.
    ///
    /// @param x `[B, T, D]`
    public boolean byHand(Tensor x) {
        boolean rms = norms instanceof HeadNorms.None
                || norms instanceof HeadNorms.Each(RmsNorm _, RmsNorm _);
        return projection instanceof Projection.Apart && rms && reach.cap == 0
                && scores(x.size(0), projection.heads(reach.headSize), Places.whole(x.size(1))) <= MOST_SCORES;
    }

    private static boolean slowWhenFused(Tensor q, Places places) { // [B, T, H, h]
        return q.is_cpu() && q.scalar_type().intern() != ScalarType.Float
                && scores(q.size(0), q.size(2), places) <= MOST_SCORES;
    }

    private static long scores(long texts, long heads, Places places) {
        return texts * heads * places.length() * places.all();
    }

    /// libtorch's kernel, which never holds all scores. On a CPU it is fast in float32 only.
    private Tensor fused(Tensor q, Tensor k, Tensor v, Places places) {
        var type = q.is_cpu() ? ScalarType.Float : q.scalar_type().intern();
        var queries = q.transpose(1, 2).to(type); // [B, H, T, h]
        var keys = k.transpose(1, 2).to(type); // [B, G, S, h]
        var values = v.transpose(1, 2).to(type); // [B, G, S, h]
        boolean causal = reach.mask.plainCausal(places);
        boolean none = causal || reach.mask.open(places);
        var mask = none ? new TensorOptional() : new TensorOptional(mask(places, queries));
        var mixed = torch.scaled_dot_product_attention(queries, keys, values, mask, 0, causal,
                new DoubleOptional(reach.scale), q.size(2) != k.size(2)); // [B, H, T, h]
        return mixed.transpose(1, 2).to(q.scalar_type());
    }

    /// The formula itself: in bfloat16 on a CPU 20 to 40 times as fast as the fused kernel. Of long texts some queries at a time.
    ///
    /// @param k of the texts so far, and of columns behind them that are not seen
    private Tensor multiplied(Tensor q, Tensor k, Tensor v, Places places) {
        long groups = k.size(2);
        long t = q.size(1);
        long most = Math.max(1, MOST_SCORES / (q.size(0) * q.size(2) * places.all()));
        var keys = rows(k, groups);
        var values = rows(v, groups);
        if (most >= t) {
            var queries = rows(q, groups); // [B·G, r·T, h]
            var mask = before(keys.size(1), mask(queries, places, 0, t));
            return tokens(torch.bmm(softmax(scores(queries, keys, mask)), values), q.shape());
        }
        var pieces = new TensorVector();
        for (long from = 0; from < t; from += most) {
            var piece = q.narrow(1, from, Math.min(most, t - from));
            var queries = rows(piece, groups);
            var mask = mask(queries, places, from, piece.size(1));
            pieces.push_back(tokens(torch.bmm(softmax(scores(queries, keys, mask)), values), piece.shape()));
        }
        return torch.cat(pieces, 1);
    }

    /// A mask over as many columns, of which those behind its own are not seen.
    private static Tensor before(long columns, Tensor mask) {
        long more = columns - mask.size(-1);
        return more == 0
                ? mask
                : torch.constant_pad_nd(mask, new long[]{0, more}, new Scalar(Double.NEGATIVE_INFINITY));
    }

    /// The r heads of each group below each other, so that no key is repeated: `[B, T, G·r, h] → [B·G, r·T, h]`.
    static Tensor rows(Tensor heads, long groups) {
        long b = heads.size(0), t = heads.size(1), r = heads.size(2) / groups, h = heads.size(3);
        return heads.view(b, t, groups, r, h).permute(0, 2, 3, 1, 4).reshape(b * groups, r * t, h);
    }

    /// What {@link #rows} was made of: `[B·G, r·T, h] → [B, T, G·r, h]`.
    ///
    /// @param shape `[B, T, G·r, h]`
    static Tensor tokens(Tensor rows, long[] shape) {
        long b = shape[0], t = shape[1], g = rows.size(0) / b, h = shape[3];
        return rows.view(b, g, shape[2] / g, t, h).permute(0, 3, 1, 2, 4).reshape(shape);
    }

    /// What each query gives to each key of its group: `softmax(q kᵀ · scale)`, `[B·G, r·T, T]`.
    ///
    /// @param queries `[B·G, r·T, h]`
    /// @param keys    `[B·G, T, h]`
    Tensor probabilities(Tensor queries, Tensor keys, long t) {
        var places = reach.past.map(b -> b.step.places()).orElseGet(() -> Places.whole(t));
        return softmax(scores(queries, keys, mask(queries, places, 0, t)));
    }

    private static Tensor softmax(Tensor scores) {
        return torch.softmax(scores, -1);
    }

    private Tensor scores(Tensor queries, Tensor keys, Tensor mask) {
        var scale = new Scalar(reach.scale);
        if (reach.cap == 0) {
            return torch.baddbmm(mask, queries, keys.transpose(1, 2), new Scalar(1), scale);
        }
        var scores = torch.bmm(queries, keys.transpose(1, 2)).mul(new Scalar(reach.scale / reach.cap));
        return scores.tanh().mul(new Scalar(reach.cap)).add(mask);
    }

    private Tensor mask(Places places, Tensor like) {
        return reach.past.map(before -> reach.mask.scores(before.step, like))
                .orElseGet(() -> reach.mask.scores(places.all(), like));
    }

    /// For some rows of queries, `[r·m, S]` or, where heads or texts differ, `[B·G, r·m, S]`.
    private Tensor mask(Tensor queries, Places places, long from, long rows) {
        long each = queries.size(1) / rows;
        var some = mask(places, queries).narrow(-2, from, rows);
        if (some.dim() == 2) {
            return some.repeat(each, 1);
        }
        if (some.dim() == 3) { // [H, m, S]
            long groups = some.size(0) / each;
            return some.reshape(groups, each * rows, some.size(2)).repeat(queries.size(0) / groups, 1, 1);
        }
        long texts = some.size(0);
        long heads = queries.size(0) / texts * each;
        return some.expand(texts, heads, rows, some.size(3)).reshape(queries.size(0), each * rows, some.size(3));
    }

    /// @throws UnsupportedOperationException where later tokens change what earlier ones say
    @Override
    public Attention following(Kept kept, Step step) {
        if (!reach.mask.causal()) {
            throw new UnsupportedOperationException("a network that sees both sides of a token reads texts whole");
        }
        return at(new Before(Optional.of(kept), step));
    }

    @Override
    public Attention over(Step documents) {
        return at(new Before(Optional.empty(), documents));
    }

    private Attention at(Before before) {
        return new Attention(projection, output, norms, new Reach(reach.rotation, reach.headSize, reach.mask,
                reach.scale, reach.cap, Optional.of(before)));
    }

    @Override
    public boolean keeps(long length, long grown) {
        return reach.rotation.map(r -> r.alike(length, grown)).orElse(true);
    }

    @Override
    public Optional<Linear> lastMap() {
        return Optional.of(output);
    }

    @Override
    public Attention with(Linear other) {
        return new Attention(projection, other, norms, reach);
    }

    @Override
    public Attention divided(double factor) {
        return with(output.divided(factor));
    }

    @Override
    public Attention mapped(UnaryOperator<Tensor> other) {
        return new Attention(projection.mapped(other), output.mapped(other), norms.mapped(other), reach);
    }

    @Override
    public Attention reinitialised(Seed seed, double std) {
        return new Attention(projection.reinitialised(seed, std), output.reinitialised(seed, std),
                norms.reinitialised(), reach);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(projection.parameters());
        all.putAll(output.parameters());
        all.putAll(norms.parameters());
        return all;
    }

    /// Keys and values, two bytes a number; nothing where later tokens change what earlier ones say.
    @Override
    public long cacheBytesPerToken() {
        return reach.mask.causal() ? 2 * projection.cached(reach.headSize) : 0;
    }
}
