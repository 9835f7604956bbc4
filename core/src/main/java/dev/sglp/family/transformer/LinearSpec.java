package dev.sglp.family.transformer;

import dev.sglp.model.transformer.linear.Linear;
import java.util.List;
import java.util.SequencedMap;

/// A linear map.
///
/// @param name       in its block, for instance `self_attn.q_proj`
/// @param transposed whether the checkpoint has the matrix as `[in, out]`
/// @param joint      what stands between it and `weight` and `bias` in the names of its tensors
public record LinearSpec(String name, long out, long in, boolean bias, boolean transposed, String joint) {
    /// Its tensors are `name.weight` and `name.bias`.
    public LinearSpec(String name, long out, long in, boolean bias, boolean transposed) {
        this(name, out, in, bias, transposed, ".");
    }

    public LinearSpec(String name, long out, long in, boolean bias) {
        this(name, out, in, bias, false);
    }

    /// Its tensors are `name_weight` and `name_bias` (torch's MultiheadAttention).
    public LinearSpec underscored() {
        return new LinearSpec(name, out, in, bias, transposed, "_");
    }

    private String weight(String at) {
        return at + name + joint + "weight";
    }

    private String bias(String at) {
        return at + name + joint + "bias";
    }

    /// @param at what stands before its name
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = Shapes.of(weight(at), transposed ? List.of(in, out) : List.of(out, in));
        if (bias) {
            all.put(bias(at), List.of(out));
        }
        return all;
    }

    public long macs() {
        return out * in;
    }

    /// The map on weights.
    public Linear on(Assembly assembly, String at) {
        return on(assembly, at, weight(at));
    }

    /// @param weight the name of its matrix, which may be another part's
    public Linear on(Assembly assembly, String at, String weight) {
        var plain = new Linear.Plain(weight(at), assembly.tensor(weight), transposed);
        return bias ? new Linear.Biased(plain, bias(at), assembly.tensor(bias(at))) : plain;
    }
}
