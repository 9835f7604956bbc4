package dev.sglp.family.vision.transformers;

import dev.sglp.family.vision.VisionForm;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A directory of transformers.
///
/// @param file    for errors
/// @param surgery its configuration
/// @param resizes whether the network looks at images of other sizes than its positions were made for
record TransformersForm(String file, ConfigSurgery surgery, boolean resizes) implements VisionForm {
    private static final String NAMES = "id2label";
    private static final String NUMBERS = "label2id";

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
            var names = new LinkedHashMap<String, Object>();
            var numbers = new LinkedHashMap<String, Object>();
            for (int i = 0; i < classNames.size(); i++) {
                names.put(String.valueOf(i), classNames.get(i));
                numbers.put(classNames.get(i), i);
            }
            config.put(NAMES, names);
            config.put(NUMBERS, numbers);
        }
        images.typed().ifPresent(typed -> config.put(VisionArchitecture.NORMALISATION, typed));
        return config;
    }

    @Override
    public VisionArchitecture prepared(VisionArchitecture network, Map<String, Object> preparation)
            throws IOException {
        if (preparation.isEmpty()) {
            return network;
        }
        var old = network.images();
        var said = ImageProcessor.of(file, preparation, old.input().mean(), old.input().std());
        boolean here = old.said() == Said.HERE;
        var size = said.size().filter(_ -> resizes).orElse(new int[]{old.input().height(), old.input().width()});
        return network.looking(new VisionArchitecture.Images(
                new Image(old.input().channels(), size[0], size[1], here ? old.input().mean() : said.mean(),
                        here ? old.input().std() : said.std()),
                here ? Said.HERE : Said.CHECKPOINT));
    }

    @Override
    public String openWith(int layers, Image input) {
        return """
                from transformers import AutoModelForImageClassification
                model = AutoModelForImageClassification.from_pretrained(".")  # this folder; %d layers
                # input: images of %d×%d, (pixels / 255 - mean) / std, mean %s, std %s
                """.formatted(layers, input.width(), input.height(), input.mean(), input.std());
    }
}
