package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.ProbeSpec;
import dev.sglp.family.vision.VisionSpec.Read;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.Objective.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// The image tower of SigLIP (Zhai 2023, arXiv 2303.15343) in the library transformers: no class token; a learned vector attends to the
/// patches, and what it finds is what an image means.
public final class Siglip implements Tower {
    private static final String OPENS = "SiglipVisionModel";
    private static final List<Double> HALF = List.of(.5, .5, .5);

    @Override
    public String name() {
        return "siglip_vision_model";
    }

    @Override
    public String source() {
        return "Zhai et al. 2023, arXiv 2303.15343";
    }

    @Override
    public String title() {
        return "image tower of SigLIP";
    }

    @Override
    public String transformersClass(Set<String> names) {
        return OPENS;
    }

    @Override
    public TowerFields.Whole whole() {
        return new TowerFields.Whole(name(), "siglip", "SiglipModel", OPENS);
    }

    private static TowerFields fields(ConfigFields config, Set<String> names) throws IOException {
        return TowerFields.of(config, names, new TowerFields.Usual(1e-6, "gelu_pytorch_tanh", true));
    }

    @Override
    public Image image(ConfigFields config) throws IOException {
        return fields(config, Set.of()).image(HALF, HALF);
    }

    @Override
    public VisionSpec spec(ConfigFields config, Header header) throws IOException {
        config.mustBeTrue("vision_use_head", "without its head it gives no vector for an image");
        var read = fields(config, header.tensors().keySet());
        int width = read.hidden();
        var probe = new ProbeSpec(read.base() + "head.", "probe",
                read.map("attention.in_proj", 3 * width, width).underscored(), read.heads().query(),
                read.map("attention.out_proj", width, width), read.norm("layernorm"), read.mlp());
        return new VisionSpec(read.stem(NormSpec.NONE), read.prefix(), read.blocks(header.layers()),
                new VisionSpec.Head(read.norm(read.base() + "post_layernorm"), new Read.By(probe), NormSpec.NONE,
                        List.of(), Answer.EMBEDDING),
                read.initStd());
    }
}
