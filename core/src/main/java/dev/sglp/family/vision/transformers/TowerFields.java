package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Stem;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the image towers of CLIP and SigLIP in the library transformers say in the same fields, and the names that they give their tensors.
///
/// @param base    what stands before all of them but a projection's: `vision_model.`, or nothing
/// @param inner   width of the perceptrons
/// @param cut     how an image of `side` pixels each way is cut
record TowerFields(ConfigFields config, String base, StreamSpec stream, Heads heads, int inner, Activation activation,
        Cut cut, int side) {
    private static final String PATCHES = "embeddings.patch_embedding";
    private static final String TOWER = "vision_model.";
    private static final String CLASSES = "architectures";
    /// Of the class token, where a file has it.
    static final String PROJECTION = "visual_projection";
    /// Fields that do not change what layers compute.
    private static final String[] HARMLESS = {"transformers_version", "torch_dtype", "dtype", "_name_or_path",
            "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "attention_dropout",
            "dropout", "initializer_factor", "projection_dim", "output_attentions", "output_hidden_states"};

    /// @param usual what the configuration does not say
    record Usual(double epsilon, String activation, boolean bias) {}

    static TowerFields of(ConfigFields config, Set<String> names, Usual usual) throws IOException {
        config.harmless(HARMLESS);
        int hidden = config.count("hidden_size", 768);
        var stream = new StreamSpec(hidden, NormSpec.Kind.LAYER, config.positive("layer_norm_eps", usual.epsilon));
        var heads = stream.heads(config, "num_attention_heads", config.count("num_attention_heads", 12));
        int side = config.count("image_size", 224);
        int patch = config.count("patch_size", usual.bias ? 16 : 32);
        if (patch > side) {
            throw config.wrong("patch_size", "no more than the image's %d".formatted(side), patch);
        }
        var base = names.contains(TOWER + PATCHES + ".weight") ? TOWER : "";
        return new TowerFields(config, base, stream, heads, config.count("intermediate_size", 3072),
                Activations.of(config, "hidden_act", usual.activation),
                new Cut(base + PATCHES, hidden, config.count("num_channels", 3), patch, patch, usual.bias), side);
    }

    /// Where such towers may lie. What stands beside one is another network's: the text's, or the temperature of both.
    static List<NetworkPlace> places(Set<String> names) {
        var inside = NetworkPlace.prefixes(TOWER + PATCHES + ".weight", names);
        return inside.isEmpty()
                ? NetworkPlace.prefixes(PATCHES + ".weight", names).stream()
                        .map(at -> NetworkPlace.behind(at, names)).toList()
                : inside.stream().map(at -> tower(NetworkPlace.behind(at, names))).toList();
    }

    private static NetworkPlace tower(NetworkPlace all) {
        var own = new LinkedHashMap<>(all.names());
        own.keySet().removeIf(n -> !n.startsWith(TOWER) && !n.startsWith(PROJECTION + "."));
        return new NetworkPlace(all.prefix(), own);
    }

    /// A network with a tower for texts too.
    ///
    /// @param tower `model_type` of the tower alone
    /// @param both  that of both together
    /// @param model the class in transformers of both together
    /// @param opens the class in transformers of the tower that was taken out
    record Whole(String tower, String both, String model, String opens) {}

    /// The configuration of a tower, which may be a part of that of the whole; empty where it is neither.
    static Optional<Map<String, Object>> own(Map<String, Object> config, Whole whole) {
        if (whole.tower.equals(config.get("model_type"))) {
            return Optional.of(config);
        }
        if (!whole.both.equals(config.get("model_type"))) {
            return Optional.empty();
        }
        var own = new LinkedHashMap<String, Object>();
        for (var part : List.of("vision_config", "vision_config_dict")) { // in old files the second one counts
            if (config.get(part) instanceof Map<?, ?> fields) {
                fields.forEach((field, value) -> own.put(String.valueOf(field), value));
            }
        }
        own.keySet().removeAll(List.of("id2label", "label2id"));
        if (!(config.get(CLASSES) instanceof List<?> named) || named.isEmpty() || named.contains(whole.model)) {
            own.put(CLASSES, List.of(whole.opens));
        } else {
            own.put(CLASSES, named); // another network with the same tower
        }
        own.put("model_type", whole.tower);
        for (var field : List.of("projection_dim", "dtype", "torch_dtype", "transformers_version")) {
            if (config.get(field) != null) {
                own.put(field, config.get(field));
            }
        }
        return Optional.of(own);
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

    /// Width of the residual stream.
    int hidden() {
        return stream.width();
    }

    NormSpec norm(String name) {
        return stream.norm(name);
    }

    LinearSpec map(String name, int out, int in) {
        return stream.map(name, out, in, true);
    }

    MlpSpec mlp() {
        return stream.plain(List.of("mlp.fc1", "mlp.fc2"), inner, true, activation);
    }

    String prefix() {
        return base + "encoder.layers.";
    }

    List<BlockSpec> blocks(int layers) {
        var attention = stream
                .apart(heads, List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"),
                        true, true)
                .seeing(Mask.Sight.all());
        return Collections.nCopies(layers,
                BlockSpec.of(stream.normed("layer_norm1", attention), stream.normed("layer_norm2", mlp())));
    }

    double initStd() throws IOException {
        return config.positive("initializer_range", 0.02);
    }
}
