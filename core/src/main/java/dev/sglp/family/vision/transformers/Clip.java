package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.VisionSpec.Read;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.vision.Pooling;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// The image tower of CLIP (Radford 2021, arXiv 2103.00020) in the library transformers: a norm before the first layer, and the class
/// token, normed and where the file has the map projected, as what an image means.
public final class Clip implements Tower {
    private static final String PROJECTED = "CLIPVisionModelWithProjection";
    private static final List<Double> MEAN = List.of(.48145466, .4578275, .40821073);
    private static final List<Double> STD = List.of(.26862954, .26130258, .27577711);

    @Override
    public String name() {
        return "clip_vision_model";
    }

    @Override
    public String source() {
        return "Radford et al. 2021, arXiv 2103.00020";
    }

    @Override
    public String title() {
        return "image tower of CLIP";
    }

    @Override
    public String transformersClass(Set<String> names) {
        return names.contains(TowerFields.PROJECTION + ".weight") ? PROJECTED : "CLIPVisionModel";
    }

    @Override
    public TowerFields.Whole whole() {
        return new TowerFields.Whole(name(), "clip", "CLIPModel", PROJECTED);
    }

    private static TowerFields fields(ConfigFields config, Set<String> names) throws IOException {
        return TowerFields.of(config, names, new TowerFields.Usual(1e-5, "quick_gelu", false));
    }

    @Override
    public Image image(ConfigFields config) throws IOException {
        return fields(config, Set.of()).image(MEAN, STD);
    }

    @Override
    public VisionSpec spec(ConfigFields config, Header header) throws IOException {
        var read = fields(config, header.tensors().keySet());
        var projected = header.tensors().containsKey(TowerFields.PROJECTION + ".weight")
                ? List.of(new LinearSpec(TowerFields.PROJECTION, config.count("projection_dim", 512), read.hidden(),
                        false))
                : List.<LinearSpec>of();
        return new VisionSpec(
                read.stem(read.norm(read.base() + "pre_layrnorm"), // as transformers spells it
                        new Token(read.base() + "embeddings.class_embedding", 1, true, true)),
                read.prefix(), read.blocks(header.layers()),
                new VisionSpec.Head(NormSpec.NONE, new Read.Of(Pooling.CLASS_TOKEN),
                        read.norm(read.base() + "post_layernorm"), projected, Answer.EMBEDDING),
                read.initStd());
    }
}
