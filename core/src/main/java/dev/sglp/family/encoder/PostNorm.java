package dev.sglp.family.encoder;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Mask;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Encoders of BERT's kind: sums are normalised, every map has a bias, each token sees all.
///
/// @param names of the tensors in a block
record PostNorm(ConfigFields config, Sizes sizes, Names names, Activation activation) {
    /// In the order in which a block computes.
    record Names(String query, String key, String value, String mixed, String between, String up, String down,
            String behind) {
        /// BERT's own.
        static final Names BERT = new Names("attention.self.query", "attention.self.key", "attention.self.value",
                "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense",
                "output.LayerNorm");
    }

    /// @param intermediate width of the perceptron
    record Sizes(int vocabulary, StreamSpec stream, int layers, Heads heads, int intermediate, int positions) {}

    /// A stream with norms of BERT's kind.
    static StreamSpec stream(int width, double epsilon) {
        return new StreamSpec(width, NormSpec.Kind.LAYER, epsilon);
    }

    /// With BERT's names of fields and tensors.
    static PostNorm bert(ConfigFields config) throws IOException {
        config.oneOf("position_embedding_type", List.of("absolute"));
        var stream = stream(config.count("hidden_size"), config.positive("layer_norm_eps", 1e-12));
        return new PostNorm(config,
                new Sizes(config.count("vocab_size"), stream, config.layers("num_hidden_layers"),
                        stream.heads(config, "num_attention_heads", config.count("num_attention_heads")),
                        config.count("intermediate_size"), config.count("max_position_embeddings")),
                Names.BERT, Activations.of(config, "hidden_act", "gelu"));
    }

    private BlockSpec block() {
        var stream = sizes.stream;
        var attention = stream
                .apart(sizes.heads, List.of(names.query, names.key, names.value, names.mixed), true, true)
                .seeing(Mask.Sight.all());
        var mlp = stream.plain(List.of(names.up, names.down), sizes.intermediate, true, activation);
        return BlockSpec.of(new SublayerSpec(NormSpec.NONE, attention).behind(stream.norm(names.between)),
                new SublayerSpec(NormSpec.NONE, mlp).behind(stream.norm(names.behind)));
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
                Optional.of(table(at + "position_embeddings", sizes.positions)), first,
                sizes.stream.norm(at + "LayerNorm"));
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
        return new EncoderSpec.Masked(sizes.stream.map(map, sizes.stream.width(), sizes.stream.width(), true), bend,
                sizes.stream.norm(norm), last + ".weight",
                config.flag("tie_word_embeddings", true), bias);
    }

    private EncoderSpec.Table table(String name, int rows) {
        return new EncoderSpec.Table(name + ".weight", rows, sizes.stream.width());
    }
}
