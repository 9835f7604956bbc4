package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.ClassNames;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.vision.VisionForm;
import dev.sglp.model.LayerSet;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A directory of transformers.
///
/// @param file    for errors
/// @param surgery its configuration
/// @param opens     how transformers opens it
/// @param resizes   whether the network looks at images of other sizes than its positions were made for
/// @param processor what the file beside it says of images; empty where there is none
record TransformersForm(String file, ConfigSurgery surgery, Opens opens, boolean resizes,
        Map<String, Object> processor) implements VisionForm {
    /// @param kind      the class in transformers
    /// @param arguments what it is given beside the folder, behind a comma
    record Opens(String kind, String arguments) {}

    /// Without a word on images.
    TransformersForm(String file, ConfigSurgery surgery, Opens opens, boolean resizes) {
        this(file, surgery, opens, resizes, Map.of());
    }

    @Override
    public boolean directory() {
        return true;
    }

    /// Classes that have no names but `LABEL_3` get those of the data.
    @Override
    public SequencedMap<String, Object> config(LayerSet removed, VisionArchitecture.Images images,
            List<String> classNames) {
        var config = surgery.without(removed);
        if (!classNames.isEmpty()) {
            config.putAll(ClassNames.fields(classNames));
        }
        return config;
    }

    @Override
    public VisionArchitecture prepared(VisionArchitecture network, Map<String, Object> preparation)
            throws IOException {
        if (preparation.isEmpty()) {
            return network;
        }
        var old = network.images().input();
        var said = ImageProcessor.of(new ConfigFields(file + " " + Architecture.PREPARATION, preparation), old.mean(),
                old.std());
        var input = old.normalisedBy(said.mean(), said.std()).preparedAs(said.preparation());
        var size = said.preparation().size();
        return network.in(new TransformersForm(file, surgery, opens, resizes, preparation)).looking(
                new VisionArchitecture.Images(resizes && size.isPresent() ? input.sized(size.get()) : input,
                        Said.CHECKPOINT));
    }

    /// Image processors have a centre of their own.
    @Override
    public Preparation said(Preparation preparation) {
        return new Preparation(preparation.resize(), preparation.crop().map(c -> new Crop(c.size(), Centre.FIRST)));
    }

    @Override
    public SequencedMap<String, Object> preparation(VisionArchitecture.Images images) {
        var fields = new LinkedHashMap<String, Object>(processor.isEmpty() ? ImageProcessor.UNNAMED : processor);
        boolean typed = images.normalisation() == Said.USER || images.preparation() == Said.USER;
        if (images.normalisation() == Said.USER || typed && processor.isEmpty()) {
            fields.putAll(ImageProcessor.normalisation(images.input().mean(), images.input().std()));
        }
        if (images.preparation() == Said.USER || typed && processor.isEmpty()) {
            fields.putAll(ImageProcessor.fields(images.input().preparation()));
        }
        return typed ? fields : Collections.emptyNavigableMap();
    }

    @Override
    public String openWith(int layers, Image input) {
        return """
                from transformers import %s
                model = %s.from_pretrained("."%s)  # this folder; %d layers
                # input: images of %d×%d (%s), (pixels / 255 - mean) / std, mean %s, std %s
                """.formatted(opens.kind, opens.kind, opens.arguments, layers, input.width(), input.height(),
                input.preparation(), input.mean(),
                input.std());
    }
}
