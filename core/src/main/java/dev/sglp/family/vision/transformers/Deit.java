package dev.sglp.family.vision.transformers;

import dev.sglp.family.vision.VisionSpec;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The distilled vision transformer (Touvron 2020, arXiv 2012.12877) of the library transformers: a second token, from which a
/// second classifier may read; its logits are the mean of both.
public final class Deit implements TransformersVision {
    private static final String TEACHER = "distillation_classifier";

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
        return names.contains(TEACHER + ".weight")
                ? "DeiTForImageClassificationWithTeacher"
                : "DeiTForImageClassification";
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
        boolean two = header.tensors().containsKey(TEACHER + ".weight");
        var classifiers = (two ? Stream.of("cls_classifier", TEACHER) : Stream.of("classifier"))
                .map(n -> new LinearSpec(n, header.classes(), read.hidden(), true)).toList();
        return new VisionSpec(
                read.stem(Kernel.CUBIC, read.token("cls_token", 1, true), read.token("distillation_token", 1, true)),
                name() + ".encoder.layer.", Vit.blocks(read, header.layers()),
                new VisionSpec.Head(read.norm(name() + ".layernorm"), Pooling.CLASS_TOKEN, NormSpec.NONE, classifiers),
                read.initStd());
    }
}
