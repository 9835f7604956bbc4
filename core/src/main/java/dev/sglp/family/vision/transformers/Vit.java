package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.BlockSpec;
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
        return TransformersVision.classOf("ViT", "classifier", names);
    }

    @Override
    public Image image(ConfigFields config) throws IOException {
        return fields(config, "").image();
    }

    private VitFields fields(ConfigFields config, String base) throws IOException {
        return VitFields.of(config, base, 1e-12);
    }

    @Override
    public VisionSpec spec(ConfigFields config, Header header) throws IOException {
        var read = fields(config, header.base(name()));
        return new VisionSpec(read.stem(Kernel.CUBIC, read.token("cls_token", 1, true)), read.prefix(),
                blocks(read, header.layers()),
                read.head(header, Pooling.CLASS_TOKEN, "classifier"), read.initStd());
    }

    @Override
    public String arguments(Set<String> names) {
        return unpooled(names);
    }

    /// What transformers has to be told of a file without classifier and pooler, or it draws a pooler.
    static String unpooled(Set<String> names) {
        return names.stream().anyMatch(n -> n.endsWith(VitFields.POOLER + ".weight") || n.endsWith("classifier.weight"))
                ? ""
                : ", add_pooling_layer=False";
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
