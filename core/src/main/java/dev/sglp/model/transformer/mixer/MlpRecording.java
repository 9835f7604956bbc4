package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.norm.RmsNorm;
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
public record MlpRecording(RmsNorm norm, Mlp mlp, Tensor x, Tensor c, Tensor g, Tensor u, Tensor y) {

    /// @param input `[B, T, D]`
    public static MlpRecording of(RmsNorm norm, Mlp mlp, Tensor input) {
        var x = input.flatten(0, 1);
        var c = norm.forward(x);
        var maps = (Mlp.Entry.Gated) mlp.entry();
        var g = maps.gate().forward(c);
        var u = maps.up().forward(c);
        var y = mlp.down().addedTo(x, torch.silu(g).mul_(u)).view(input.shape());
        var all = new MlpRecording(norm, mlp, x, c, g, u, y);
        all.owned().forEach(Scope::own);
        return all;
    }

    /// Whether the derivative of such a perceptron is known.
    public static boolean knows(Mlp mlp) {
        return mlp.entry() instanceof Mlp.Entry.Gated && mlp.activation() == Activation.SILU;
    }

    private Mlp.Entry.Gated maps() {
        return (Mlp.Entry.Gated) mlp.entry();
    }

    private List<Tensor> owned() {
        return List.of(x, c, g, u, y);
    }

    /// @param dy gradient with respect to `y`, `[n, D]`
    public Half backward(Tensor dy, boolean weights) {
        var ds = mlp.down().back(dy); // [n, I], of s = silu(g) ⊙ u
        var du = torch.silu(g); // [n, I]
        var last = weights ? mlp.down().gradients(du.mul(u), dy) : List.<Gradient>of();
        du.mul_(ds);
        var dg = torch.silu_backward(ds.mul_(u), g); // [n, I]
        var dc = maps().gate().back(dg); // [n, D]
        maps().up().addBack(dc, du);
        var outer = norm.backward(x, dc);
        var dx = outer.input().add_(dy);
        if (!weights) {
            return new Half(dx, List.of(), List.of());
        }
        var all = new ArrayList<>(maps().gate().gradients(c, dg));
        all.addAll(maps().up().gradients(c, du));
        all.addAll(last);
        return new Half(dx, all, List.of(new Gradient.Whole(outer.weight())));
    }

    public void free() {
        owned().forEach(Scope::free);
    }
}
