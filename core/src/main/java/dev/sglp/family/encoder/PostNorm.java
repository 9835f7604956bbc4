package dev.sglp.family.encoder;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MixerSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Mask;
import java.io.IOException;
import java.util.Collections;
import java.util.Optional;

/// Encoders of BERT's kind: sums are normalised, every map has a bias, each token sees all.
///
/// @param names   of the tensors in a block
/// @param epsilon of the norms
record PostNorm(ConfigFields config, Sizes sizes, Names names, Activation activation, double epsilon) {
    /// In the order in which a block computes.
    record Names(String query, String key, String value, String mixed, String between, String up, String down,
            String behind) {
        /// BERT's own.
        static final Names BERT = new Names("attention.self.query", "attention.self.key", "attention.self.value",
                "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense",
                "output.LayerNorm");
    }

    /// @param intermediate width of the perceptron
    record Sizes(int vocabulary, int hidden, int layers, int heads, int intermediate, int positions) {}

    /// With BERT's names of fields and tensors.
    static PostNorm bert(ConfigFields config) throws IOException {
        config.oneOf("position_embedding_type", java.util.List.of("absolute"));
        return new PostNorm(config,
                new Sizes(config.count("vocab_size"), config.count("hidden_size"), config.layers("num_hidden_layers"),
                        config.count("num_attention_heads"), config.count("intermediate_size"),
                        config.count("max_position_embeddings")),
                Names.BERT, Activations.of(config, "hidden_act", "gelu"), config.positive("layer_norm_eps", 1e-12));
    }

    private NormSpec norm(String name) {
        return NormSpec.of(name, NormSpec.Kind.LAYER, sizes.hidden, epsilon);
    }

    private LinearSpec map(String name, long out, long in) {
        return new LinearSpec(name, out, in, true);
    }

    private BlockSpec block() throws IOException {
        if (sizes.hidden % sizes.heads != 0) {
            throw config.wrong("hidden_size", "a multiple of the %d heads".formatted(sizes.heads), sizes.hidden);
        }
        int d = sizes.hidden;
        var attention = new AttentionSpec(new Heads(sizes.heads, sizes.heads, d / sizes.heads),
                new Maps.Apart(map(names.query, d, d), map(names.key, d, d), map(names.value, d, d)),
                map(names.mixed, d, d)).seeing(new Mask.Sight(0, false, new Mask.Alibi(0, 1)));
        var mlp = new MlpSpec(new MlpSpec.Entry.Plain(map(names.up, sizes.intermediate, d)),
                map(names.down, d, sizes.intermediate), activation);
        return BlockSpec.of(summed(attention, names.between), summed(mlp, names.behind));
    }

    private SublayerSpec summed(MixerSpec mixer, String behind) {
        return new SublayerSpec(NormSpec.NONE, mixer, NormSpec.NONE, 1, norm(behind));
    }

    /// The network.
    ///
    /// @param base   what stands before the names of its tensors
    /// @param layers what stands before a layer's number, behind that
    /// @param kinds  of texts there are; 0 where tokens have none
    /// @param first  the row of a text's first position
    EncoderSpec network(String base, String layers, int kinds, int first) throws IOException {
        if (first >= sizes.positions) {
            throw config.wrong("max_position_embeddings", "more than the %d rows before the first".formatted(first),
                    sizes.positions);
        }
        var at = base + "embeddings.";
        var kind = kinds == 0
                ? Optional.<EncoderSpec.Table>empty()
                : Optional.of(table(at + "token_type_embeddings", kinds));
        var stem = new EncoderSpec.Stem(table(at + "word_embeddings", sizes.vocabulary), kind,
                Optional.of(table(at + "position_embeddings", sizes.positions)), first, norm(at + "LayerNorm"));
        return new EncoderSpec(stem, base + layers, Collections.nCopies(sizes.layers, block()), NormSpec.NONE,
                sizes.positions - first,
                config.positive(EncoderFamily.INIT_FIELD, EncoderFamily.INIT_STD));
    }

    /// The head over masked tokens.
    ///
    /// @param map   name of its first map
    /// @param norm  name of the norm behind it
    /// @param last  what stands before `.weight` of the matrix
    /// @param bias  name of the bias
    EncoderSpec.Masked masked(String map, String norm, String last, String bias, Activation bend) throws IOException {
        return new EncoderSpec.Masked(map(map, sizes.hidden, sizes.hidden), bend, norm(norm), last + ".weight",
                config.flag("tie_word_embeddings", true), bias);
    }

    private EncoderSpec.Table table(String name, int rows) {
        return new EncoderSpec.Table(name + ".weight", rows, sizes.hidden);
    }
}
