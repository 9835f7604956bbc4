package dev.sglp.family.vision;

import dev.sglp.family.transformer.Assembly;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.Shapes;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.vision.Probe;
import java.util.List;
import java.util.SequencedMap;

/// A learned vector that attends to the tokens.
///
/// @param at    what stands before the names of its tensors, for instance `head.`
/// @param name  of the vector behind that
/// @param maps  queries, keys and values, with biases
/// @param heads of the attention
public record ProbeSpec(String at, String name, LinearSpec maps, int heads, LinearSpec out, NormSpec norm,
        MlpSpec mlp) {
    SequencedMap<String, List<Long>> shapes() {
        var all = Shapes.of(at + name, List.of(1L, 1L, maps.in()));
        all.putAll(maps.shapes(at));
        all.putAll(out.shapes(at));
        all.putAll(norm.shapes(at));
        all.putAll(mlp.shapes(at));
        return all;
    }

    /// Multiply-accumulate operations for an image: one query, keys and values of all tokens.
    long macs(int length) {
        long width = maps.in();
        return width * width + 2 * width * width * length + 2 * width * length + out.macs() + mlp.macs(1);
    }

    Probe on(Assembly assembly, int length) {
        return new Probe(at + name, assembly.tensor(at + name), (Linear.Biased) maps.on(assembly, at),
                out.on(assembly, at), norm.on(assembly, at), mlp.on(assembly, at),
                new Probe.Constant(heads, macs(length)));
    }
}
