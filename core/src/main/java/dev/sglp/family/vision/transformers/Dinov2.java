package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.MixerSpec;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// DINOv2 (Oquab 2023, arXiv 2304.07193) with a classifier on the class token and the patches' mean, or without one. What a sublayer gives is
/// scaled, channel by channel; positions are resized to the images.
///
/// @param registers whether register tokens stand between class token and patches (Darcet 2023, arXiv 2309.16588)
public record Dinov2(boolean registers) implements TransformersVision {
    @Override
    public String name() {
        return registers ? "dinov2_with_registers" : "dinov2";
    }

    @Override
    public String source() {
        return "Oquab et al. 2023, arXiv 2304.07193" + (registers ? "; Darcet et al. 2023, arXiv 2309.16588" : "");
    }

    @Override
    public String title() {
        return registers ? "DINOv2 with registers" : "DINOv2";
    }

    @Override
    public String transformersClass(Set<String> names) {
        return TransformersVision.classOf(registers ? "Dinov2WithRegisters" : "Dinov2", "classifier", names);
    }

    @Override
    public boolean resizes() {
        return true;
    }

    @Override
    public Image image(ConfigFields config) throws IOException {
        return fields(config, "").image();
    }

    private VitFields fields(ConfigFields config, String base) throws IOException {
        config.harmless("apply_layernorm", "reshape_hidden_states", "use_mask_token", "out_features", "out_indices",
                "stage_names"); // of a backbone
        return VitFields.of(config, base, 1e-6);
    }

    @Override
    public VisionSpec spec(ConfigFields config, Header header) throws IOException {
        var read = fields(config, header.base(name()));
        var tokens = new ArrayList<>(List.of(read.token("cls_token", 1, true)));
        if (registers) {
            tokens.add(read.token("register_tokens", config.count("num_register_tokens", 4), false));
        }
        var stem = read.stem(registers ? Kernel.CUBIC_ANTIALIASED : Kernel.CUBIC,
                tokens.toArray(VisionSpec.Token[]::new));
        double first = config.positive("layerscale_value", 1);
        var block = BlockSpec.of(
                read.stream().normed("norm1", read.attention())
                        .inside(read.stream().scaling("layer_scale1.lambda1", first)),
                read.stream().normed("norm2", perceptron(config, read))
                        .inside(read.stream().scaling("layer_scale2.lambda1", first)));
        return new VisionSpec(stem, read.prefix(), Collections.nCopies(header.layers(), block),
                read.head(header, Pooling.CLASS_TOKEN_AND_PATCHES, "classifier"), read.initStd());
    }

    /// The gated one keeps two thirds of the width, a multiple of 8.
    private static MixerSpec perceptron(ConfigFields config, VitFields read) throws IOException {
        int width = (int) (read.hidden() * config.positive("mlp_ratio", 4));
        if (!config.flag("use_swiglu_ffn", false)) {
            return read.mlp("mlp.fc1", "mlp.fc2", width);
        }
        int kept = ((int) (width * 2 / 3.0) + 7) / 8 * 8;
        return read.stream().gated(List.of("mlp.weights_in", "mlp.weights_out"), kept, true, Activation.SILU);
    }

    /// The stages that a backbone could give, and the last of them.
    @Override
    public Function<List<Integer>, Map<String, Object>> rewritten(ConfigFields config) {
        return kept -> {
            var last = "stage" + kept.size();
            var all = new ArrayList<>(List.of("stem"));
            IntStream.rangeClosed(1, kept.size()).mapToObj(i -> "stage" + i).forEach(all::add);
            return Map.<String, Object>of("stage_names", all, "out_features", List.of(kept.isEmpty() ? "stem" : last),
                    "out_indices", List.of(kept.size())).entrySet().stream()
                    .filter(e -> config.names().contains(e.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        };
    }
}
