package dev.sglp.family.transformer;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Projection.Order;
import java.io.IOException;
import java.util.List;

/// A residual stream, and the parts of blocks on it by their names: a family gives names and numbers, widths follow.
///
/// @param width      numbers of a token
/// @param norm       the kind of its norms
/// @param epsilon    of the norms
/// @param transposed whether the checkpoint has matrices as `[in, out]`
public record StreamSpec(int width, NormSpec.Kind norm, double epsilon, boolean transposed) {
    public StreamSpec(int width, NormSpec.Kind norm, double epsilon) {
        this(width, norm, epsilon, false);
    }

    /// The same with matrices as GPT-2's checkpoint has them.
    public StreamSpec asTransposed() {
        return new StreamSpec(width, norm, epsilon, true);
    }

    /// The same with norms of another kind.
    public StreamSpec norms(NormSpec.Kind other) {
        return new StreamSpec(width, other, epsilon, transposed);
    }

    /// A norm of the stream.
    public NormSpec norm(String name) {
        return norm(name, width);
    }

    /// A norm of the same kind of something else.
    public NormSpec norm(String name, long numbers) {
        return NormSpec.of(name, norm, numbers, epsilon);
    }

    /// Factors of what a sublayer gives, channel by channel.
    ///
    /// @param name  of their tensor
    /// @param first what they are before a training
    public NormSpec scaling(String name, double first) {
        return NormSpec.of(name, NormSpec.Kind.SCALING, width, first);
    }

    /// Norms of each query and of each key head.
    public Norms eachHead(Heads heads, String query, String key) {
        return new Norms(norm(query, heads.size()), norm(key, heads.size()), true);
    }

    public LinearSpec map(String name, long out, long in, boolean bias) {
        return new LinearSpec(name, out, in, bias, transposed);
    }

    /// As many key heads as query heads, which share the width.
    ///
    /// @param field of the configuration that says how many
    /// @throws IOException where they cannot
    public Heads heads(ConfigFields config, String field, int number) throws IOException {
        if (width % number != 0) {
            throw config.wrong(field, "a divisor of the width %d".formatted(width), number);
        }
        return new Heads(number, number, width / number);
    }

    /// Attention with a map for queries, one for keys, one for values.
    ///
    /// @param names  of those and of the output's
    /// @param input  whether those have biases
    /// @param output whether the output's has one
    public AttentionSpec apart(Heads heads, List<String> names, boolean input, boolean output) {
        return new AttentionSpec(heads,
                new Maps.Apart(map(names.get(0), heads.queries(), width, input),
                        map(names.get(1), heads.keys(), width, input), map(names.get(2), heads.keys(), width, input)),
                map(names.get(3), width, heads.queries(), output));
    }

    /// Attention with one map for queries, keys and values.
    ///
    /// @param names of that and of the output's
    public AttentionSpec fused(Heads heads, List<String> names, Order order, boolean bias) {
        return new AttentionSpec(heads,
                new Maps.Fused(map(names.getFirst(), heads.queries() + 2 * heads.keys(), width, bias), order),
                map(names.getLast(), width, heads.queries(), bias));
    }

    /// A perceptron without a gate.
    ///
    /// @param names of the map up and of the one down
    /// @param inner its own width
    public MlpSpec plain(List<String> names, long inner, boolean bias, Activation activation) {
        return MlpSpec.plain(map(names.getFirst(), inner, width, bias), map(names.getLast(), width, inner, bias),
                activation);
    }

    /// A perceptron with a gate.
    ///
    /// @param names of the gate's map, of the one up and of the one down; of two, the first is gate and up in one
    /// @param inner its own width
    public MlpSpec gated(List<String> names, long inner, boolean bias, Activation activation) {
        var entry = names.size() == 2
                ? new MlpSpec.Entry.Fused(map(names.getFirst(), 2 * inner, width, bias))
                : new MlpSpec.Entry.Gated(map(names.get(0), inner, width, bias),
                        map(names.get(1), inner, width, bias));
        return new MlpSpec(entry, map(names.getLast(), width, inner, bias), activation);
    }

    /// A norm, then what it is for.
    public SublayerSpec normed(String norm, MixerSpec mixer) {
        return new SublayerSpec(norm(norm), mixer);
    }
}
