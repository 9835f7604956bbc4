package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;

/// The distilled vision transformer (Touvron 2020, arXiv 2012.12877) of the library transformers: a second token, from which a
/// second classifier may read; its logits are the mean of both.
public final class Deit implements TransformersVision {
    private static final String[] PAIR = {"cls_classifier", "distillation_classifier"};
    private static final String[] ONE = {"classifier"};

    @Override
    public String name() {
        return "deit";
    }

    @Override
    public String source() {
        return "Touvron et al. 2020, arXiv 2012.12877";
    }

    @Override
    public String title() {
        return "DeiT";
    }

    @Override
    public String transformersClass(Set<String> names) {
        return Stream.of(PAIR).anyMatch(n -> names.contains(n + ".weight"))
                ? "DeiTForImageClassificationWithTeacher"
                : TransformersVision.classOf("DeiT", ONE[0], names);
    }

    @Override
    public String arguments(Set<String> names) {
        return Vit.unpooled(names);
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
        return new VisionSpec(
                read.stem(Kernel.CUBIC, read.token("cls_token", 1, true), read.token("distillation_token", 1, true)),
                read.prefix(), Vit.blocks(read, header.layers()),
                read.head(header, Pooling.CLASS_TOKEN, Stream.of(PAIR).anyMatch(header::has) ? PAIR : ONE),
                read.initStd());
    }
}
