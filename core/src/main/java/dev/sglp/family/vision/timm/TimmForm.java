package dev.sglp.family.vision.timm;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionForm;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Read;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.vision.Pooling;
import dev.sglp.preparation.Preparation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Weights with timm's `config.json` beside them.
///
/// @param old  the configuration that was there; empty for a file alone
/// @param spec the network before a removal
record TimmForm(Map<String, Object> old, VisionSpec spec) implements VisionForm {
    private static final String IMAGES = "pretrained_cfg";

    @Override
    public boolean directory() {
        return false;
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, Images images, List<String> classNames) {
        var config = new LinkedHashMap<>(old);
        boolean alone = !old.containsKey("architecture");
        config.putIfAbsent("architecture", spec.head().classifiers().size() > 1
                ? "deit_base_distilled_patch16_224"
                : "vit_base_patch16_224");
        config.put("num_classes", classes());
        config.putIfAbsent("global_pool",
                spec.head().reading().equals(new Read.Of(Pooling.CLASS_TOKEN)) ? "token" : "avg");
        if (!classNames.isEmpty()) {
            config.put("label_names", classNames);
        }
        var args = object(old.get(TimmArguments.NAME));
        if (alone) {
            args.putAll(seen(images.input()));
        }
        all().forEach(args::putIfAbsent);
        args.put("depth", spec.blocks().size() - removed.size());
        config.put(TimmArguments.NAME, args);
        var pretrained = object(old.get(IMAGES));
        pretrained.putIfAbsent("input_size", List.of(images.input().channels(), images.input().height(),
                images.input().width()));
        pretrained.put("num_classes", classes());
        pretrained.put("mean", images.input().mean());
        pretrained.put("std", images.input().std());
        if (images.preparation() == Said.USER) {
            pretrained.putAll(TimmPreparation.fields(images.input().preparation()));
        }
        config.put(IMAGES, pretrained);
        return config;
    }

    @Override
    public Preparation said(Preparation preparation) {
        TimmPreparation.fields(preparation);
        return preparation;
    }

    /// 0 for embeddings.
    private int classes() {
        return spec.head().answer() == Answer.CLASS ? spec.classes() : 0;
    }

    private static LinkedHashMap<String, Object> object(Object value) {
        var copy = new LinkedHashMap<String, Object>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, item) -> copy.put(String.valueOf(name), item));
        }
        return copy;
    }

    /// What a file alone looks at.
    private Map<String, Object> seen(Image input) {
        var args = new LinkedHashMap<String, Object>();
        args.put("img_size", List.of(input.height(), input.width()));
        args.put("in_chans", input.channels());
        args.put("num_classes", classes());
        return args;
    }

    private static Object patch(Cut cut) {
        return cut.high() == cut.wide() ? cut.high() : List.of(cut.high(), cut.wide());
    }

    /// What its tensors show and its architecture may have otherwise.
    private Map<String, Object> all() {
        var args = new LinkedHashMap<String, Object>();
        long width = spec.stem().patches().width();
        args.put("patch_size", patch(spec.stem().patches()));
        args.put("embed_dim", width);
        if (!spec.blocks().isEmpty()) {
            var block = spec.blocks().getFirst();
            var heads = block.attention().orElseThrow();
            args.put("num_heads", heads.heads().query());
            long inner = block.shapes("").get("mlp.fc1.weight").getFirst();
            args.put("mlp_ratio", ratio(inner, width));
            args.put("qkv_bias", heads.projection().linears().getFirst().bias());
        }
        return args;
    }

    /// By which the width is multiplied and rounded down.
    private static double ratio(long inner, long width) {
        double ratio = (double) inner / width;
        return (long) (ratio * width) == inner ? ratio : (inner + 0.5) / width;
    }

    @Override
    public String openWith(int layers, Image input) {
        return """
                import timm
                model = timm.create_model("local-dir:.", pretrained=True).eval()  # this folder; %d blocks
                # input: images of %d×%d (%s), (pixels / 255 - mean) / std, mean %s, std %s
                """.formatted(layers, input.width(), input.height(), input.preparation(), input.mean(), input.std());
    }
}
