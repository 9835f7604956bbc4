package dev.sglp.family.encoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.Activations;
import java.io.IOException;
import java.util.regex.Pattern;

/// DistilBERT: BERT with other names, without kinds of texts.
public final class DistilBert implements EncoderFamily {
    private static final Pattern CARRIED = Pattern.compile("vocab_(transform|layer_norm|projector)\\..*");

    @Override
    public String name() {
        return "distilbert";
    }

    @Override
    public String title() {
        return "DistilBERT";
    }

    @Override
    public String transformersClass() {
        return "DistilBert";
    }

    @Override
    public String source() {
        return "Sanh 2019, arXiv 1910.01108";
    }

    @Override
    public String base() {
        return "distilbert.";
    }

    @Override
    public String table() {
        return "embeddings.word_embeddings.weight";
    }

    @Override
    public Pattern carried() {
        return CARRIED;
    }

    private static final double EPSILON = 1e-12;
    private static final PostNorm.Names NAMES = new PostNorm.Names("attention.q_lin", "attention.k_lin",
            "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm");

    @Override
    public String layerCount() {
        return "n_layers";
    }

    @Override
    public EncoderSpec.Masked masked(ConfigFields config) throws IOException {
        return common(config).masked("vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias",
                common(config).activation());
    }

    @Override
    public EncoderSpec spec(ConfigFields config, String base) throws IOException {
        return common(config).network(base, "transformer.layer.", 0, 0);
    }

    private PostNorm common(ConfigFields config) throws IOException {
        config.harmless("sinusoidal_pos_embds", "tie_weights_"); // its positions lie in the file either way
        var stream = PostNorm.stream(config.count("dim"), EPSILON);
        var sizes = new PostNorm.Sizes(config.count("vocab_size"), stream, config.layers(layerCount()),
                stream.heads(config, "n_heads", config.count("n_heads")), config.count("hidden_dim"),
                config.count("max_position_embeddings"));
        return new PostNorm(config, sizes, NAMES, Activations.of(config, "activation", "gelu"));
    }
}
