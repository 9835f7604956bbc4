package dev.sglp.family.transformer;

import dev.sglp.model.transformer.norm.HeadwiseNorm;
import dev.sglp.model.transformer.norm.LayerNorm;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.model.transformer.norm.RmsNorm;
import dev.sglp.model.transformer.norm.Scaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// A norm.
///
/// @param name    in its block; its tensors are `.weight` and `.bias`
/// @param shape   of its weight: `[D]`, or `[H, h]` where each head has its own
/// @param epsilon what keeps the root from zero; of a scaling, what its factors are before a training
public record NormSpec(String name, Kind kind, List<Long> shape, double epsilon) {
    /// What it computes, and which tensors it has.
    public enum Kind {
        /// Nothing.
        NONE,
        /// RMS.
        RMS,
        /// RMS whose weight is the difference from 1.
        RMS_PLUS_ONE,
        /// Mean and variance, weight and bias.
        LAYER,
        /// Mean and variance, a weight alone.
        LAYER_WITHOUT_BIAS,
        /// Mean and variance, no tensors.
        LAYER_WITHOUT_TENSORS,
        /// Mean and variance, a weight for each head in a tensor of its own: `name.norms.0.weight`.
        LAYER_EACH_HEAD,
        /// A factor a channel, in a tensor of this very name.
        SCALING
    }

    /// No norm.
    public static final NormSpec NONE = new NormSpec("", Kind.NONE, List.of(), 0);

    public static NormSpec of(String name, Kind kind, long width, double epsilon) {
        return new NormSpec(name, kind, List.of(width), epsilon);
    }

    /// Shapes of its tensors.
    ///
    /// @param at what stands before their names
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = new LinkedHashMap<String, List<Long>>();
        switch (kind) {
            case NONE, LAYER_WITHOUT_TENSORS -> {
            }
            case SCALING -> all.put(at + name, shape);
            case RMS, RMS_PLUS_ONE, LAYER_WITHOUT_BIAS -> all.put(at + name + ".weight", shape);
            case LAYER -> {
                all.put(at + name + ".weight", shape);
                all.put(at + name + ".bias", shape);
            }
            case LAYER_EACH_HEAD -> {
                for (long i = 0; i < shape.getFirst(); i++) {
                    all.put(each(at, i), List.of(shape.getLast()));
                }
            }
        }
        return all;
    }

    private String each(String at, long head) {
        return "%s%s.norms.%d.weight".formatted(at, name, head);
    }

    /// The norm on weights.
    public Norm on(Assembly assembly, String at) {
        var weight = at + name + ".weight";
        return switch (kind) {
            case NONE -> new Norm.None();
            case SCALING -> new Scaling(at + name, assembly.tensor(at + name), epsilon);
            case RMS -> new RmsNorm(weight, assembly.tensor(weight), epsilon);
            case RMS_PLUS_ONE -> new RmsNorm(weight, assembly.tensor(weight), epsilon, 1);
            case LAYER -> new LayerNorm(named(assembly, weight), named(assembly, at + name + ".bias"), epsilon);
            case LAYER_WITHOUT_BIAS -> new LayerNorm(named(assembly, weight), Optional.empty(), epsilon);
            case LAYER_WITHOUT_TENSORS -> new LayerNorm(Optional.empty(), Optional.empty(), epsilon);
            case LAYER_EACH_HEAD -> new HeadwiseNorm(IntStream.range(0, shape.getFirst().intValue())
                    .mapToObj(i -> new LayerNorm(named(assembly, each(at, i)), Optional.empty(), epsilon)).toList());
        };
    }

    private static Optional<LayerNorm.Named> named(Assembly assembly, String name) {
        return Optional.of(new LayerNorm.Named(name, assembly.tensor(name)));
    }
}
