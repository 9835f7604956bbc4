package dev.sglp.model.transformer;

import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Causal self-attention with rotary positions and grouped queries (Ainslie 2023, arXiv 2305.13245): each key and value
/// head serves several query heads.
///
/// @param query  `[H·h, D]`
/// @param key    `[G·h, D]`, G key heads, G divides H
/// @param value  `[G·h, D]`
/// @param output `[D, H·h]`
/// @param norms  of each query and key head; empty where there are none
/// @param reach  how positions are seen
@SuppressWarnings("OptionalUsedAsFieldOrParameterType") // norms are there or not; null would say less
public record Attention(Linear query, Linear key, Linear value, Linear output, Optional<HeadNorms> norms, Reach reach) {
    /// RMS norms over the numbers of one head, weights `[h]`.
    public record HeadNorms(RmsNorm query, RmsNorm key) {}

    /// @param rotation by position
    /// @param headSize numbers a head, h
    /// @param window   positions a token sees, itself included; 0 for all before it
    public record Reach(Rotation rotation, int headSize, int window) {}

    /// `residual + softmax(q kᵀ / √h) v Wₒᵀ` over the positions each token sees.
    public Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
        var q = heads(query.forward(x)); // [B, T, H, h]
        var k = heads(key.forward(x)); // [B, T, G, h]
        var v = heads(value.forward(x)).transpose(1, 2); // [B, G, T, h]
        if (norms.isPresent()) {
            q = norms.get().query.forward(q);
            k = norms.get().key.forward(k);
        }
        q = reach.rotation.turned(q).transpose(1, 2); // [B, H, T, h]
        k = reach.rotation.turned(k).transpose(1, 2); // [B, G, T, h]
        var mixed = attended(q, k, v).transpose(1, 2); // [B, T, H, h]
        return output.addedTo(residual, mixed.flatten(2, 3));
    }

    private Tensor heads(Tensor x) { // [B, T, n·h] → [B, T, n, h]
        return x.view(x.size(0), x.size(1), -1, reach.headSize);
    }

    private Tensor attended(Tensor q, Tensor k, Tensor v) {
        boolean all = reach.window == 0 || reach.window >= q.size(2);
        var mask = all ? new TensorOptional() : new TensorOptional(band(q.size(2)));
        return torch.scaled_dot_product_attention(q, k, v, mask, 0, all, new DoubleOptional(), q.size(1) != k.size(1));
    }

    /// True where a position is seen.
    private Tensor band(long length) { // [T, T]
        return torch.ones(new long[]{length, length}, new TensorOptions(ScalarType.Bool)).tril().triu(1 - reach.window);
    }

    /// The same with freshly drawn weights.
    public Attention reinitialised(Seed seed, double std) {
        return new Attention(query.reinitialised(seed, std), key.reinitialised(seed, std),
                value.reinitialised(seed, std), output.reinitialised(seed, std),
                norms.map(n -> new HeadNorms(n.query.reinitialised(), n.key.reinitialised())), reach);
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(query.parameters());
        all.putAll(key.parameters());
        all.putAll(value.parameters());
        all.putAll(output.parameters());
        norms.ifPresent(n -> {
            all.putAll(n.query.parameters());
            all.putAll(n.key.parameters());
        });
        return all;
    }
}
