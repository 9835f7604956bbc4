package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.mixer.Attention.HeadNorms;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.norm.RmsNorm;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The first half of a decoder layer, `y = x + m W_oᵀ` with `m = P v`, `P = softmax(q kᵀ / √h)` and `q`, `k`, `v` from `a = norm(x)`,
/// and its derivative by hand. It owns all but `x`. `P` is counted again on the way back: it grows with the square of the
/// length.
///
/// @param x    `[B, T, D]`, the caller's, alive as long as this
/// @param a    `[B, T, D]`
/// @param raw  queries `[B, T, H, h]` and keys `[B, T, G, h]` before their norms; empty where they have none
/// @param q    `[B·G, r·T, h]`, r query heads to each of G key heads
/// @param k    `[B·G, T, h]`
/// @param v    `[B·G, T, h]`
/// @param m    `[B·G, r·T, h]`
/// @param y    `[B, T, D]`
public record AttentionRecording(RmsNorm norm, Attention attention, Tensor x, Tensor a, List<Tensor> raw, Tensor q,
        Tensor k,
        Tensor v, Tensor m, Tensor y) {
    public static AttentionRecording of(RmsNorm norm, Attention attention, Tensor x) {
        var a = norm.forward(x);
        var heads = attention.projection().of(a, attention.reach().headSize());
        var queries = heads.query(); // [B, T, H, h]
        var keys = heads.key(); // [B, T, G, h]
        long groups = keys.size(2);
        var raw = List.<Tensor>of();
        if (attention.norms() instanceof HeadNorms.Each(var ofQueries, var ofKeys)) {
            raw = List.of(queries, keys);
            queries = ofQueries.forward(queries);
            keys = ofKeys.forward(keys);
        }
        var q = Attention.rows(attention.turned(queries), groups);
        var k = Attention.rows(attention.turned(keys), groups);
        var v = Attention.rows(heads.value(), groups);
        var m = torch.bmm(attention.probabilities(q, k, x.size(1)), v);
        var y = attention.output().addedTo(x, Attention.tokens(m, queries.shape()).flatten(2, 3));
        var all = new AttentionRecording(norm, attention, x, a, raw, q, k, v, m, y);
        all.owned().forEach(Scope::own);
        return all;
    }

    private Stream<Tensor> owned() {
        return Stream.concat(raw.stream(), Stream.of(a, q, k, v, m, y));
    }

    private long[] heads(Linear projection) { // [B, T, H, h] or [B, T, G, h]
        long size = attention.reach().headSize();
        return new long[]{x.size(0), x.size(1), projection.weight().size(0) / size, size};
    }

    /// @param dy gradient with respect to `y`, `[n, D]`
    public Half backward(Tensor dy, boolean weights) {
        var maps = (Projection.Apart) attention.projection();
        var queries = heads(maps.query());
        var keys = heads(maps.key());
        var last = weights ? attention.output().gradients(flat(Attention.tokens(m, queries)), dy) : List.<Gradient>of();
        var dm = Attention.rows(attention.output().back(dy).view(queries), keys[2]); // [B·G, r·T, h]
        var p = attention.probabilities(q, k, x.size(1)); // [B·G, r·T, T]
        var dv = flat(Attention.tokens(torch.bmm(p.transpose(1, 2), dm), keys)); // [n, G·h]
        var ds = torch.bmm(dm, v.transpose(1, 2)); // of P, [B·G, r·T, T]
        ds.sub_(dm.mul(m).sum(new long[]{-1}).unsqueeze(-1)).mul_(p).mul_(new Scalar(attention.reach().scale())); // of q kᵀ
        var dq = attention.turnedBack(Attention.tokens(torch.bmm(ds, k), queries)); // [B, T, H, h]
        var dk = attention.turnedBack(Attention.tokens(torch.bmm(ds.transpose(1, 2), q), keys)); // [B, T, G, h]
        var norms = new ArrayList<Gradient>();
        if (attention.norms() instanceof HeadNorms.Each(RmsNorm query, RmsNorm key)) {
            var ofQueries = query.backward(raw.getFirst(), dq);
            var ofKeys = key.backward(raw.getLast(), dk);
            norms.addAll(List.of(new Gradient.Whole(ofQueries.weight()), new Gradient.Whole(ofKeys.weight())));
            dq = ofQueries.input();
            dk = ofKeys.input();
        }
        return projected(dy, List.of(flat(dq), flat(dk), dv), weights, Stream.concat(last.stream(), norms.stream()));
    }

    /// Through the three projections and the norm.
    private Half projected(Tensor dy, List<Tensor> vectors, boolean weights, Stream<Gradient> last) {
        var maps = (Projection.Apart) attention.projection();
        var linears = List.of(maps.query(), maps.key(), maps.value());
        var da = linears.get(0).back(vectors.get(0)); // [n, D]
        linears.get(1).addBack(da, vectors.get(1));
        linears.get(2).addBack(da, vectors.get(2));
        var outer = norm.backward(x, da.view(x.shape()));
        var dx = outer.input().view(dy.shape()).add_(dy);
        if (!weights) {
            return new Half(dx, List.of(), List.of());
        }
        var rows = a.view(-1, a.size(-1));
        var all = new ArrayList<Gradient>();
        for (int i = 0; i < linears.size(); i++) {
            all.addAll(linears.get(i).gradients(rows, vectors.get(i)));
        }
        last.forEach(all::add);
        return new Half(dx, all, List.of(new Gradient.Whole(outer.weight())));
    }

    private static Tensor flat(Tensor heads) { // [B, T, H, h] → [n, H·h]
        return heads.reshape(-1, heads.size(2) * heads.size(3));
    }

    public void free() {
        owned().forEach(Scope::free);
    }
}
