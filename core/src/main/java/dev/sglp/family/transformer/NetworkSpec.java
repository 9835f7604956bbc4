package dev.sglp.family.transformer;

import dev.sglp.checkpoint.Weights;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.Part;
import dev.sglp.model.transformer.Block;
import dev.sglp.model.transformer.Embedding;
import dev.sglp.model.transformer.LanguageHead;
import dev.sglp.model.transformer.TokenStem;
import dev.sglp.model.transformer.norm.Norm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A language model: everything its forward pass depends on but the numbers.
///
/// @param prefix  what stands before a layer's number in the names of its tensors, for instance `model.layers.`
/// @param context positions it was made for
/// @param initStd standard deviation of freshly drawn weights
public record NetworkSpec(Stem stem, String prefix, List<BlockSpec> blocks, Head head, int context, double initStd)
        implements
            TransformerSpec {
    /// Token embeddings: `norm(factor · token + position)`.
    ///
    /// @param table  name of the tensor `[V, D]`
    public record Stem(String table, long vocabulary, long width, double factor, Optional<Positions> positions,
            NormSpec norm) {
        public Stem(String table, long vocabulary, long width) {
            this(table, vocabulary, width, 1, Optional.empty(), NormSpec.NONE);
        }

        /// The rows multiplied.
        public Stem times(double other) {
            return new Stem(table, vocabulary, width, other, positions, norm);
        }

        /// With learned positions.
        private Stem with(Positions learned) {
            return new Stem(table, vocabulary, width, factor, Optional.of(learned), norm);
        }
    }

    /// Learned positions.
    ///
    /// @param table name of the tensor `[rows, D]`
    /// @param first the row of a text's first position
    public record Positions(String table, long rows, int first) {}

    /// What follows the last layer.
    ///
    /// @param output its matrix; the embedding's where it is tied
    /// @param scale  what logits are multiplied by
    /// @param cap    of the logits; 0 for none
    public record Head(NormSpec norm, LinearSpec output, boolean tied, double scale, double cap) {
        public Head(NormSpec norm, LinearSpec output, boolean tied) {
            this(norm, output, tied, 1, 0);
        }
    }

    public NetworkSpec {
        blocks = List.copyOf(blocks);
    }

    /// With logits multiplied and bounded.
    public NetworkSpec logits(double scale, double cap) {
        return new NetworkSpec(stem, prefix, blocks, new Head(head.norm, head.output, head.tied, scale, cap), context,
                initStd);
    }

    /// With another stem.
    public NetworkSpec with(Stem other) {
        return new NetworkSpec(other, prefix, blocks, head, context, initStd);
    }

    /// With learned positions.
    ///
    /// @param table name of the tensor `[context + first, D]`
    /// @param first the row of a text's first position
    public NetworkSpec placed(String table, int first) {
        return with(stem.with(new Positions(table, context + first, first)));
    }

    /// With another head.
    public NetworkSpec with(Head other) {
        return new NetworkSpec(stem, prefix, blocks, other, context, initStd);
    }

    /// The same, re-initialised with weights of another spread.
    public NetworkSpec initialisedBy(double std) {
        return new NetworkSpec(stem, prefix, blocks, head, context, std);
    }

    /// The same without some layers.
    public NetworkSpec without(LayerSet removed) {
        return new NetworkSpec(stem, prefix, removed.others(blocks.size()).stream().map(blocks::get).toList(), head,
                context, initStd);
    }

    /// The most experts that a layer has; 0 for none.
    public int experts() {
        return blocks.stream().flatMap(b -> b.experts().stream()).mapToInt(ExpertsSpec::count).max().orElse(0);
    }

    @Override
    public SequencedMap<String, List<Long>> stemShapes() {
        var all = Shapes.of(stem.table, List.of(stem.vocabulary, stem.width));
        stem.positions.ifPresent(p -> all.put(p.table, List.of(p.rows, stem.width)));
        all.putAll(stem.norm.shapes(""));
        return all;
    }

    /// Multiply-accumulate operations of a layer for one token of a text of so many.
    public long macs(int index, long length) {
        return blocks.get(index).macs(length);
    }

    @Override
    public SequencedMap<String, List<Long>> headShapes() {
        var all = head.norm.shapes("");
        var output = outputShapes();
        if (head.tied) {
            output.remove(output());
        }
        all.putAll(output);
        return all;
    }

    /// Name of the output matrix, whether it is tied or not.
    public String output() {
        return head.output.name() + ".weight";
    }

    /// Shapes of the output map's tensors, whether its matrix is tied or not.
    public SequencedMap<String, List<Long>> outputShapes() {
        return head.output.shapes("");
    }

    /// Whether rows of the embedding are looked up and nothing else is done with the table.
    public boolean looksUp() {
        return !head.tied;
    }

    /// The embedding, whose rows are looked up, and which gives the logits at the most; the output's own matrix.
    public Set<String> tables() {
        return Stream.concat(Stream.of(stem.table), Stream.of(output()).filter(_ -> !head.tied))
                .collect(Collectors.toUnmodifiableSet());
    }

    private boolean plainStem() {
        return stem.factor == 1 && stem.positions.isEmpty() && stem.norm.equals(NormSpec.NONE);
    }

    /// The network on these weights.
    ///
    /// @param family its name
    /// @param length tokens of a text, for what layers cost
    public LayeredModel on(Weights weights, String family, long length) {
        var assembly = new Assembly(weights);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < blocks.size(); i++) {
            layers.add(blocks.get(i).on(assembly, prefix + i, new Block.Constant(initStd, macs(i, length))));
        }
        var matrix = head.tied ? stem.table : output();
        var end = new LanguageHead(head.norm.on(assembly, ""), head.output.on(assembly, "", matrix), head.scale,
                head.cap, initStd);
        return new LayeredModel(family, first(assembly), layers, end, Objective.nextToken(), Layout.TOKENS);
    }

    private Part first(Assembly assembly) {
        var tokens = new Embedding(stem.table, assembly.tensor(stem.table), initStd);
        if (plainStem()) {
            return tokens;
        }
        Norm norm = stem.norm.on(assembly, "");
        return new TokenStem(tokens, stem.factor, stem.positions.map(p -> new TokenStem.Positions(
                new Embedding(p.table, assembly.tensor(p.table), initStd), p.first)), norm);
    }
}
