package dev.sglp.model.transformer;

import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Causal self-attention with rotary positions and grouped queries (Ainslie 2023, arXiv 2305.13245): each key and value
/// head serves several query heads.
///
/// @param query  `[H·h, D]`
/// @param key    `[G·h, D]`, G key heads, G divides H
/// @param value  `[G·h, D]`
/// @param output `[D, H·h]`
/// @param norms  of each query and key head
/// @param reach  how positions are seen
public record Attention(Linear query, Linear key, Linear value, Linear output, HeadNorms norms, Reach reach) {
    /// Scores that may be held at once: 32 MiB of bfloat16 a layer.
    private static final long MOST_SCORES = 1 << 24;

    /// What is done to each query and key head before it is turned.
    public sealed interface HeadNorms {
        /// Nothing.
        record None() implements HeadNorms {}

        /// RMS norms over the numbers of one head, weights `[h]`.
        record Rms(RmsNorm query, RmsNorm key) implements HeadNorms {}
    }

    /// @param headSize numbers a head, h
    public record Reach(Rotation rotation, int headSize, CausalMask mask) {}

    /// `residual + softmax(q kᵀ / √h) v Wₒᵀ` over the positions each token sees.
    public Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
        var q = heads(query.forward(x)); // [B, T, H, h]
        var k = heads(key.forward(x)); // [B, T, G, h]
        var v = heads(value.forward(x)); // [B, T, G, h]
        if (norms instanceof HeadNorms.Rms rms) {
            q = rms.query.forward(q);
            k = rms.key.forward(k);
        }
        q = reach.rotation.turned(q);
        k = reach.rotation.turned(k);
        var mixed = slowWhenFused(q) ? multiplied(q, k, v) : fused(q, k, v); // [B, T, H, h]
        return output.addedTo(residual, mixed.flatten(2, 3));
    }

    Tensor heads(Tensor x) { // [B, T, n·h] → [B, T, n, h]
        return x.view(x.size(0), x.size(1), -1, reach.headSize);
    }

    private static boolean slowWhenFused(Tensor q) { // [B, T, H, h]
        return q.is_cpu() && q.scalar_type().intern() != ScalarType.Float
                && scores(q.size(0), q.size(2), q.size(1)) <= MOST_SCORES;
    }

    private static long scores(long texts, long heads, long length) {
        return texts * heads * length * length;
    }

    /// Whether all scores for `x` may be held at once.
    ///
    /// @param x `[B, T, D]`
    boolean fits(Tensor x) {
        return scores(x.size(0), query.weight().size(0) / reach.headSize, x.size(1)) <= MOST_SCORES;
    }

    /// libtorch's kernel, which never holds all scores. On a CPU it is fast in float32 only.
    private Tensor fused(Tensor q, Tensor k, Tensor v) {
        var type = q.is_cpu() ? ScalarType.Float : q.scalar_type().intern();
        var queries = q.transpose(1, 2).to(type); // [B, H, T, h]
        var keys = k.transpose(1, 2).to(type); // [B, G, T, h]
        var values = v.transpose(1, 2).to(type); // [B, G, T, h]
        boolean all = reach.mask.seesAll(q.size(1));
        var mask = all ? new TensorOptional() : new TensorOptional(reach.mask.scores(q.size(1), queries));
        var mixed = torch.scaled_dot_product_attention(queries, keys, values, mask, 0, all, new DoubleOptional(),
                q.size(2) != k.size(2)); // [B, H, T, h]
        return mixed.transpose(1, 2).to(q.scalar_type());
    }

    /// The formula itself: in bfloat16 on a CPU 20 to 40 times as fast as the fused kernel.
    private Tensor multiplied(Tensor q, Tensor k, Tensor v) {
        var probabilities = probabilities(rows(q, k.size(2)), rows(k, k.size(2)), q.size(1)); // [B·G, r·T, T]
        return tokens(torch.bmm(probabilities, rows(v, v.size(2))), q.shape());
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

    /// What each query gives to each key of its group: `softmax(q kᵀ / √h)`, `[B·G, r·T, T]`.
    ///
    /// @param queries `[B·G, r·T, h]`
    /// @param keys    `[B·G, T, h]`
    Tensor probabilities(Tensor queries, Tensor keys, long t) {
        var mask = reach.mask.scores(t, queries).repeat(queries.size(1) / t, 1); // [r·T, T]
        return torch.softmax(torch.baddbmm(mask, queries, keys.transpose(1, 2), new Scalar(1), new Scalar(scale())),
                -1);
    }

    /// `1 / √h`
    double scale() {
        return 1 / Math.sqrt(reach.headSize);
    }

    /// The same with another output map.
    Attention with(Linear other) {
        return new Attention(query, key, value, other, norms, reach);
    }

    /// The same on other tensors.
    public Attention mapped(UnaryOperator<Tensor> other) {
        return new Attention(query.mapped(other), key.mapped(other), value.mapped(other), output.mapped(other),
                switch (norms) {
                    case HeadNorms.None none -> none;
                    case HeadNorms.Rms rms -> new HeadNorms.Rms(rms.query.mapped(other), rms.key.mapped(other));
                }, reach);
    }

    /// The same with freshly drawn weights.
    public Attention reinitialised(Seed seed, double std) {
        return new Attention(query.reinitialised(seed, std), key.reinitialised(seed, std),
                value.reinitialised(seed, std), output.reinitialised(seed, std), switch (norms) {
                    case HeadNorms.None none -> none;
                    case HeadNorms.Rms rms -> new HeadNorms.Rms(rms.query.reinitialised(), rms.key.reinitialised());
                }, reach);
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(query.parameters());
        all.putAll(key.parameters());
        all.putAll(value.parameters());
        all.putAll(output.parameters());
        if (norms instanceof HeadNorms.Rms rms) {
            all.putAll(rms.query.parameters());
            all.putAll(rms.key.parameters());
        }
        return all;
    }
}
