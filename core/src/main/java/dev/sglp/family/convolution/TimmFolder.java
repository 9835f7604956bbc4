package dev.sglp.family.convolution;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.vision.timm.TimmArguments;
import dev.sglp.family.vision.timm.TimmPreparation;
import dev.sglp.preparation.Preparation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A network beside whose weights timm's `config.json` lies: what that says is kept, and changed with the network, so that timm
/// opens it.
///
/// @param form how its family speaks of it
/// @param old  the configuration
record TimmFolder(ConvolutionForm form, Map<String, Object> old) implements ConvolutionForm {
    static final String ARCHITECTURE = "architecture";
    static final String IMAGES = "pretrained_cfg";
    private static final String CLASSES = "num_classes";
    private static final List<String> KEPT = List.of("num_features", "global_pool", "label_names",
            "label_descriptions");

    @Override
    public String title(Blueprint network) {
        return form.title(network);
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        return form.fields(network);
    }

    @Override
    public Object canonical(String field, Object said) {
        return form.canonical(field, said);
    }

    @Override
    public SequencedMap<String, Object> arguments(Blueprint network) {
        return form.arguments(network);
    }

    @Override
    public SequencedMap<String, Object> beside(Blueprint network, SequencedMap<String, Object> own, Input input) {
        var all = new LinkedHashMap<String, Object>();
        all.put(ARCHITECTURE, old.get(ARCHITECTURE));
        all.put(CLASSES, ((Classifying) network.head().getLast()).out());
        KEPT.stream().filter(name -> old.get(name) != null).forEach(name -> all.put(name, old.get(name)));
        var args = object(TimmArguments.NAME);
        args.putAll(arguments(network));
        all.put(TimmArguments.NAME, args);
        all.put(IMAGES, images(all, input.image()));
        all.putAll(own);
        return all;
    }

    private SequencedMap<String, Object> images(Map<String, Object> all, Image input) {
        var images = object(IMAGES);
        images.put(CLASSES, all.get(CLASSES));
        images.put("input_size", List.of(input.channels(), input.height(), input.width()));
        images.put("mean", input.mean());
        images.put("std", input.std());
        return images;
    }

    private SequencedMap<String, Object> object(String name) {
        var copy = new LinkedHashMap<String, Object>();
        if (old.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        }
        return copy;
    }

    @Override
    public TimmFolder preparedAs(Preparation preparation) {
        var images = object(IMAGES);
        images.putAll(TimmPreparation.fields(preparation));
        var said = new LinkedHashMap<>(old);
        said.put(IMAGES, images);
        return new TimmFolder(form, said);
    }

    @Override
    public String python(Blueprint network) {
        return """
                import timm
                model = timm.create_model("local-dir:.", pretrained=True)  # this folder
                """;
    }
}
