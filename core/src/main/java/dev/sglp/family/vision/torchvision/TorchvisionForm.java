package dev.sglp.family.vision.torchvision;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionForm;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.LayerSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// One file of weights; what its tensors do not show lies in a `config.json` of ours.
///
/// @param spec the network before a removal
record TorchvisionForm(VisionSpec spec) implements VisionForm {
    /// The field that keeps how pixels are normalised.
    static final String NORMALISATION = "normalisation";

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
            var both = new LinkedHashMap<String, Object>();
            both.put("mean", images.input().mean());
            both.put("std", images.input().std());
            config.put(NORMALISATION, both);
        }
        config.put(PreparationFields.NAME, PreparationFields.json(images.input().preparation()));
        return config;
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
