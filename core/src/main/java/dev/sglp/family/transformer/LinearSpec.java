package dev.sglp.family.transformer;

import dev.sglp.model.transformer.linear.Linear;
import java.util.List;
import java.util.SequencedMap;

/// A linear map.
///
/// @param name       in its block, for instance `self_attn.q_proj`; its tensors are `.weight` and `.bias`
/// @param transposed whether the checkpoint has the matrix as `[in, out]`
public record LinearSpec(String name, long out, long in, boolean bias, boolean transposed) {
    public LinearSpec(String name, long out, long in, boolean bias) {
        this(name, out, in, bias, false);
    }

    /// The same as the checkpoint of GPT-2 has it.
    public LinearSpec asTransposed() {
        return new LinearSpec(name, out, in, bias, true);
    }

    public LinearSpec named(String other) {
        return new LinearSpec(other, out, in, bias, transposed);
    }

    /// @param at what stands before its name
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = Shapes.of(at + name + ".weight", transposed ? List.of(in, out) : List.of(out, in));
        if (bias) {
            all.put(at + name + ".bias", List.of(out));
        }
        return all;
    }

    long macs() {
        return out * in;
    }

    /// The map on weights.
    public Linear on(Assembly assembly, String at) {
        return on(assembly, at, at + name + ".weight");
    }

    /// @param weight the name of its matrix, which may be another part's
    public Linear on(Assembly assembly, String at, String weight) {
        var plain = new Linear.Plain(at + name + ".weight", assembly.tensor(weight), transposed);
        return bias ? new Linear.Biased(plain, at + name + ".bias", assembly.tensor(at + name + ".bias")) : plain;
    }
}
