package dev.sglp.family.vision.torchvision;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionForm;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.LayerSet;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// One file of weights; what its tensors do not show lies in a `config.json` of ours.
///
/// @param spec the network before a removal
record TorchvisionForm(VisionSpec spec) implements VisionForm {
    @Override
    public boolean directory() {
        return false;
    }

    private int heads() {
        return spec.blocks().stream().flatMap(b -> b.attention().stream()).map(AttentionSpec::heads).findFirst()
                .map(AttentionSpec.Heads::query).orElse(1);
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, Images images, List<String> classNames) {
        var config = new LinkedHashMap<String, Object>();
        config.put("family", TorchvisionVit.NAME);
        config.put("num_layers", spec.blocks().size() - removed.size());
        config.put("num_heads", heads());
        config.put("classes", spec.classes());
        if (!classNames.isEmpty()) {
            config.put("class_names", classNames);
        }
        config.put("input_size", images.input().height());
        if (images.normalisation() != Said.NOBODY) {
            config.put(NormalisationFields.NAME,
                    new NormalisationFields(images.input().mean(), images.input().std()).json());
        }
        config.put(PreparationFields.NAME, PreparationFields.json(images.input().preparation()));
        return config;
    }

    /// What it says of images. Without a word they are prepared as most of torchvision's weights were tested: seven eighths of the
    /// shorter side, `vit_l_16` of 242.
    static Images images(ConfigFields config, VisionSpec spec) throws IOException {
        var cut = spec.stem().patches();
        var input = cut.image(spec.stem().grid(), NormalisationFields.of(config.inside(NormalisationFields.NAME),
                NormalisationFields.IMAGENET, cut.channels()));
        var prepared = PreparationFields.of(config);
        int side = input.height();
        return new Images(
                input.preparedAs(prepared
                        .orElseGet(() -> Preparation.of(resized(spec, side), Interpolation.BILINEAR, side))),
                said(config.value(NormalisationFields.NAME).isPresent()), said(prepared.isPresent()));
    }

    private static int resized(VisionSpec spec, int side) {
        var cut = spec.stem().patches();
        boolean large = side == 224 && cut.width() == 1024 && cut.high() == 16 && spec.blocks().size() == 24;
        return large ? 242 : side * 8 / 7;
    }

    private static Said said(boolean there) {
        return there ? Said.CHECKPOINT : Said.NOBODY;
    }

    /// Names of the classes; empty where it has none.
    static List<String> labels(ConfigFields config, int classes) throws IOException {
        var names = config.list("class_names");
        return names.size() == classes ? names.stream().map(String::valueOf).toList() : List.of();
    }

    @Override
    public String openWith(int layers, Image input) {
        long inner = spec.blocks().isEmpty()
                ? 0
                : spec.layerShapes(0).entrySet().stream().filter(e -> e.getKey().matches(".*mlp.*1?.weight"))
                        .findFirst().orElseThrow().getValue().getFirst();
        return """
                # in the folder of the weights
                from safetensors.torch import load_file
                from torchvision.models import VisionTransformer
                model = VisionTransformer(image_size=%d, patch_size=%d, num_layers=%d, num_heads=%d, hidden_dim=%d, mlp_dim=%d, num_classes=%d)
                model.load_state_dict(load_file("model.safetensors"))
                model.eval()  # input: %s; (pixels / 255 - mean) / std, mean %s, std %s
                """
                .formatted(input.height(), spec.stem().patches().high(), layers, heads(), spec.stem().patches().width(),
                        inner, spec.classes(), input.preparation(), input.mean(), input.std());
    }
}
