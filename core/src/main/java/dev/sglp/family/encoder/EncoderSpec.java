package dev.sglp.family.encoder;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.transformer.Assembly;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.TransformerSpec;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.Part;
import dev.sglp.model.transformer.Block;
import dev.sglp.model.transformer.Embedding;
import dev.sglp.model.transformer.MaskedHead;
import dev.sglp.model.transformer.SentenceHead;
import dev.sglp.model.transformer.TokenStem;
import dev.sglp.model.transformer.mixer.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// An encoder: everything its forward pass depends on but the numbers.
///
/// @param prefix   what stands before a layer's number in the names of its tensors, for instance `encoder.layer.`
/// @param last     the norm behind the last layer
/// @param masked   the head over masked tokens; absent where embeddings are asked for
/// @param sentence how the tokens' vectors become one
/// @param context  positions it was made for
/// @param initStd  standard deviation of freshly drawn weights
public record EncoderSpec(Stem stem, String prefix, List<BlockSpec> blocks, NormSpec last, Optional<Masked> masked,
        Sentence sentence, int context, double initStd) implements TransformerSpec {
    /// Embeddings: `norm(token + kind + position)`.
    ///
    /// @param tokens    their table, `[V, D]`
    /// @param kind      a table whose first row is added to every token
    /// @param positions a table of learned positions
    /// @param first     the row of a text's first position
    public record Stem(Table tokens, Optional<Table> kind, Optional<Table> positions, int first, NormSpec norm) {
        /// Of tokens alone.
        static Stem of(Table tokens, NormSpec norm) {
            return new Stem(tokens, Optional.empty(), Optional.empty(), 0, norm);
        }
    }

    /// @param name of the tensor `[rows, width]`
    public record Table(String name, long rows, long width) {
        List<Long> shape() {
            return List.of(rows, width);
        }
    }

    /// A logit for each token of the vocabulary: `norm(a(x W₁ᵀ)) W₂ᵀ + b`.
    ///
    /// @param map   `W₁`
    /// @param norm  of what it gives
    /// @param matrix name of `W₂`
    /// @param tied  whether it is the tokens' table
    /// @param bias  name of `b`
    public record Masked(LinearSpec map, Activation activation, NormSpec norm, String matrix, boolean tied,
            String bias) {}

    /// Without a head.
    EncoderSpec(Stem stem, String prefix, List<BlockSpec> blocks, NormSpec last, int context, double initStd) {
        this(stem, prefix, blocks, last, Optional.empty(), Sentence.UNSAID, context, initStd);
    }

    public EncoderSpec {
        blocks = List.copyOf(blocks);
    }

    /// The same with what the directory says of sentences.
    EncoderSpec with(Sentence other) {
        return new EncoderSpec(stem, prefix, blocks, last, masked, other, Math.min(context, other.longest()), initStd);
    }

    /// The same with a head over masked tokens.
    EncoderSpec with(Masked head) {
        return new EncoderSpec(stem, prefix, blocks, last, Optional.of(head), sentence, context, initStd);
    }

    /// The same, re-initialised with weights of another spread.
    EncoderSpec initialisedBy(double std) {
        return new EncoderSpec(stem, prefix, blocks, last, masked, sentence, context, std);
    }

    /// The same without some layers.
    EncoderSpec without(LayerSet removed) {
        return new EncoderSpec(stem, prefix, removed.others(blocks.size()).stream().map(blocks::get).toList(), last,
                masked, sentence, context, initStd);
    }

    /// Why a layer cannot be removed; empty where it can.
    String fixed(int index) {
        var first = blocks.get(index).sublayers().getFirst();
        return first.before().equals(NormSpec.NONE) && first.behind().equals(NormSpec.NONE)
                ? "has no norm before its attention, and only the first layer may lack it"
                : "";
    }

    /// Whether its context is all that its learned positions allow.
    boolean reachesItsEnd() {
        return stem.positions.map(table -> table.rows - stem.first == context).orElse(false);
    }

    @Override
    public SequencedMap<String, List<Long>> stemShapes() {
        var all = new LinkedHashMap<String, List<Long>>();
        all.put(stem.tokens.name, stem.tokens.shape());
        stem.kind.ifPresent(table -> all.put(table.name, table.shape()));
        stem.positions.ifPresent(table -> all.put(table.name, table.shape()));
        all.putAll(stem.norm.shapes(""));
        return all;
    }

    @Override
    public SequencedMap<String, List<Long>> headShapes() {
        var all = new LinkedHashMap<>(last.shapes(""));
        masked.ifPresent(head -> {
            all.putAll(head.map.shapes(""));
            all.putAll(head.norm.shapes(""));
            if (!head.tied) {
                all.put(head.matrix, stem.tokens.shape());
            }
            all.put(head.bias, List.of(stem.tokens.rows));
        });
        return all;
    }

    /// The network on these weights.
    ///
    /// @param family its name
    /// @param length tokens of a text, for what layers cost
    LayeredModel on(Weights weights, String family, long length) {
        var assembly = new Assembly(weights);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < blocks.size(); i++) {
            layers.add(blocks.get(i).on(assembly, prefix + i,
                    new Block.Constant(initStd, blocks.get(i).macs(length), fixed(i))));
        }
        return new LayeredModel(family, first(assembly), layers, head(assembly),
                masked.isPresent() ? Objective.maskedToken() : Objective.agreement(), Layout.TOKENS);
    }

    private Part head(Assembly assembly) {
        var norm = last.on(assembly, "");
        return masked.<Part>map(head -> {
            var entry = new MaskedHead.Entry(norm, head.map.on(assembly, ""), head.activation,
                    head.norm.on(assembly, ""));
            var matrix = head.tied ? stem.tokens.name : head.matrix;
            return new MaskedHead(entry, new MaskedHead.Named(matrix, assembly.tensor(matrix)),
                    new MaskedHead.Named(head.bias, assembly.tensor(head.bias)), initStd);
        }).orElseGet(() -> new SentenceHead(norm, sentence.pooling(), sentence.unit()));
    }

    private TokenStem first(Assembly assembly) {
        return new TokenStem(table(assembly, stem.tokens), 1, stem.kind.map(t -> table(assembly, t)),
                stem.positions.map(t -> new TokenStem.Positions(table(assembly, t), stem.first)),
                stem.norm.on(assembly, ""));
    }

    private Embedding table(Assembly assembly, Table table) {
        return new Embedding(table.name, assembly.tensor(table.name), initStd);
    }
}
