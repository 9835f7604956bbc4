package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// The vision transformer (Dosovitskiy 2020, arXiv 2010.11929) of the library transformers: a class token before the patches,
/// norms before attention and perceptron.
public final class Vit implements TransformersVision {
    @Override
    public String name() {
        return "vit";
    }

    @Override
    public String source() {
        return "Dosovitskiy et al. 2020, arXiv 2010.11929";
    }

    @Override
    public String title() {
        return "ViT";
    }

    @Override
    public String transformersClass(Set<String> names) {
        return "ViTForImageClassification";
    }

    @Override
    public Image image(ConfigFields config) throws IOException {
        return fields(config).image();
    }

    private VitFields fields(ConfigFields config) throws IOException {
        return VitFields.of(config, name(), 1e-12);
    }

    @Override
    public VisionSpec spec(ConfigFields config, Header header) throws IOException {
        var read = fields(config);
        return new VisionSpec(read.stem(Kernel.CUBIC, read.token("cls_token", 1, true)), name() + ".encoder.layer.",
                blocks(read, header.layers()),
                new VisionSpec.Head(read.norm(name() + ".layernorm"), Pooling.CLASS_TOKEN, NormSpec.NONE,
                        List.of(new LinearSpec("classifier", header.classes(), read.hidden(), true))),
                read.initStd());
    }

    /// The blocks that DeiT has too.
    static List<BlockSpec> blocks(VitFields read, int layers) throws IOException {
        int width = read.config().count("intermediate_size", 4 * read.hidden());
        return Collections.nCopies(layers, BlockSpec.of(
                read.stream().normed("layernorm_before", read.attention()),
                read.stream().normed("layernorm_after",
                        read.mlp("intermediate.dense", "output.dense", width))));
    }
}
