package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Stem;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the image towers of CLIP and SigLIP in the library transformers say in the same fields, and the names that they give their tensors.
///
/// @param base    what stands before all of them but a projection's: `vision_model.`, or nothing
/// @param hidden  width of the residual stream
/// @param inner   width of the perceptrons
/// @param epsilon of the norms
/// @param cut     how an image of `side` pixels each way is cut
record TowerFields(ConfigFields config, String base, int hidden, int heads, int inner, double epsilon,
        Activation activation, Cut cut, int side) {
    private static final String PATCHES = "embeddings.patch_embedding";
    private static final String TOWER = "vision_model.";
    /// Fields that do not change what layers compute.
    private static final String[] HARMLESS = {"transformers_version", "torch_dtype", "dtype", "_name_or_path",
            "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "attention_dropout",
            "dropout", "initializer_factor", "projection_dim", "output_attentions", "output_hidden_states"};

    /// @param usual what the configuration does not say
    record Usual(double epsilon, String activation, boolean bias) {}

    static TowerFields of(ConfigFields config, Set<String> names, Usual usual) throws IOException {
        config.harmless(HARMLESS);
        int hidden = config.count("hidden_size", 768);
        int heads = config.count("num_attention_heads", 12);
        if (hidden % heads != 0) {
            throw config.wrong("num_attention_heads", "a divisor of the width %d".formatted(hidden), heads);
        }
        int side = config.count("image_size", 224);
        int patch = config.count("patch_size", usual.bias ? 16 : 32);
        if (patch > side) {
            throw config.wrong("patch_size", "no more than the image's %d".formatted(side), patch);
        }
        var base = names.contains(TOWER + PATCHES + ".weight") ? TOWER : "";
        return new TowerFields(config, base, hidden, heads, config.count("intermediate_size", 3072),
                config.positive("layer_norm_eps", usual.epsilon),
                Activations.of(config, "hidden_act", usual.activation),
                new Cut(base + PATCHES, hidden, config.count("num_channels", 3), patch, patch, usual.bias), side);
    }

    /// Where such towers may lie.
    static List<NetworkPlace> places(Set<String> names) {
        var inside = NetworkPlace.prefixes(TOWER + PATCHES + ".weight", names);
        return (inside.isEmpty() ? NetworkPlace.prefixes(PATCHES + ".weight", names) : inside).stream()
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    /// Numbers of positions, which old files hold.
    static Set<String> beside() {
        return Set.of("embeddings.position_ids", TOWER + "embeddings.position_ids");
    }

    Image image(List<Double> mean, List<Double> std) {
        return new Image(Math.toIntExact(cut.channels()), side, side, mean, std);
    }

    /// Tokens before the patches, then positions for all.
    Stem stem(NormSpec norm, Token... tokens) {
        var grid = cut.grid(side, side);
        return new Stem(cut, grid, List.of(tokens),
                Optional.of(new Table(base + "embeddings.position_embedding.weight", grid, Kernel.CUBIC, true)), norm);
    }

    NormSpec norm(String name) {
        return NormSpec.of(name, NormSpec.Kind.LAYER, hidden, epsilon);
    }

    LinearSpec map(String name, int out, int in) {
        return new LinearSpec(name, out, in, true);
    }

    MlpSpec mlp() {
        return MlpSpec.plain(map("mlp.fc1", inner, hidden), map("mlp.fc2", hidden, inner), activation);
    }

    String prefix() {
        return base + "encoder.layers.";
    }

    List<BlockSpec> blocks(int layers) {
        var attention = new AttentionSpec(new Heads(heads, heads, hidden / heads),
                new Maps.Apart(map("self_attn.q_proj", hidden, hidden), map("self_attn.k_proj", hidden, hidden),
                        map("self_attn.v_proj", hidden, hidden)),
                map("self_attn.out_proj", hidden, hidden)).seeing(Mask.Sight.all());
        return Collections.nCopies(layers, BlockSpec.of(new SublayerSpec(norm("layer_norm1"), attention),
                new SublayerSpec(norm("layer_norm2"), mlp())));
    }

    double initStd() throws IOException {
        return config.positive("initializer_range", 0.02);
    }
}
