package dev.sglp.model.transformer;

import dev.sglp.model.transformer.DecoderRecording.Half;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The second half of a decoder layer, `y = x + (silu(g) ⊙ u) W_dᵀ` with `g = c W_gᵀ`, `u = c W_uᵀ` and `c = norm(x)`, and its
/// derivative by hand. It owns its tensors; what `x` is a view of stays the caller's and lives as long.
///
/// @param x `[n, D]`
/// @param c `[n, D]`
/// @param g `[n, I]`
/// @param u `[n, I]`
/// @param y `[B, T, D]`
record MlpRecording(RmsNorm norm, GatedMlp mlp, Tensor x, Tensor c, Tensor g, Tensor u, Tensor y) {

    /// @param input `[B, T, D]`
    static MlpRecording of(RmsNorm norm, GatedMlp mlp, Tensor input) {
        var x = input.flatten(0, 1);
        var c = norm.forward(x);
        var g = mlp.gate().forward(c);
        var u = mlp.up().forward(c);
        var y = mlp.down().addedTo(x, torch.silu(g).mul_(u)).view(input.shape());
        var all = new MlpRecording(norm, mlp, x, c, g, u, y);
        all.owned().forEach(Scope::own);
        return all;
    }

    private List<Tensor> owned() {
        return List.of(x, c, g, u, y);
    }

    /// @param dy gradient with respect to `y`, `[n, D]`
    Half backward(Tensor dy, boolean weights) {
        var ds = mlp.down().back(dy); // [n, I], of s = silu(g) ⊙ u
        var du = torch.silu(g); // [n, I]
        var last = weights ? mlp.down().gradients(du.mul(u), dy) : List.<Gradient>of();
        du.mul_(ds);
        var dg = torch.silu_backward(ds.mul_(u), g); // [n, I]
        var dc = mlp.gate().back(dg); // [n, D]
        mlp.up().addBack(dc, du);
        var outer = norm.backward(x, dc);
        var dx = outer.input().add_(dy);
        if (!weights) {
            return new Half(dx, List.of(), List.of());
        }
        var all = new ArrayList<>(mlp.gate().gradients(c, dg));
        all.addAll(mlp.up().gradients(c, du));
        all.addAll(last);
        return new Half(dx, all, List.of(new Gradient.Whole(outer.weight())));
    }

    void free() {
        owned().forEach(Scope::free);
    }
}
