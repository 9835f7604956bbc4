package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.model.convolution.step.Activation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// torchvision's ConvNeXt (Liu 2022, arXiv 2201.03545). What halves the image between stages is a layer that stays.
public final class TorchvisionConvNeXt implements ConvolutionFamily {
    private static final ConvNeXtParts PARTS = new ConvNeXtParts("block.0", "block.2", "block.3", "block.5",
            "layer_scale");

    @Override
    public String name() {
        return "torchvision-convnext";
    }

    @Override
    public String title() {
        return "ConvNeXt of torchvision";
    }

    @Override
    public String source() {
        return "Liu et al. 2022, arXiv 2201.03545; torchvision";
    }

    @Override
    public String mark() {
        return "features.2.1.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("features.0.0.weight") && has.test("classifier.2.weight") && has.test("features.2.0.weight");
    }

    @Override
    public int pixels() {
        return 224;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        var stem = ConvNeXtParts.patches(header, new Place("features.0", 0), List.of("0", "1"), false);
        long channels = ((Convolving) stem.getFirst()).out();
        var blocks = new ArrayList<BlockSpec>();
        int stages = 1 + (int) IntStream.iterate(2, i -> header.has("features." + i + ".1.weight"), i -> i + 2).count();
        for (int stage = 0; stage < stages; stage++) {
            if (stage > 0) {
                var place = new Place("features." + 2 * stage, 0);
                blocks.add(BlockSpec.at(place, ConvNeXtParts.patches(header, place, List.of("1", "0"), true),
                        new ShortcutSpec.None(), Activation.NONE));
                channels = blocks.getLast().convolutions().getFirst().out();
            }
            var before = "features." + (2 * stage + 1) + ".";
            int depth = header.depth(before, 0, ".block.0.weight");
            for (int i = 0; i < depth; i++) {
                blocks.add(PARTS.block(header, Place.in(before), before + i + ".", channels));
            }
        }
        return new Told(new Blueprint(stem, blocks,
                ConvNeXtParts.head(header, "classifier.0", "classifier.2", channels), Map.of()),
                new ConvNeXtForm("features.%d.", 1, 2, stages));
    }
}
