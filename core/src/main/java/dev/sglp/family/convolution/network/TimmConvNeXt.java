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
import java.util.regex.Pattern;

/// timm's ConvNeXt (Liu 2022, arXiv 2201.03545), by its own names.
public final class TimmConvNeXt implements ConvolutionFamily {
    private static final ConvNeXtParts PARTS = new ConvNeXtParts("conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma");
    private static final Pattern KNOWN = Pattern
            .compile("convnext_(atto|femto|pico|nano|tiny|small|base|large|xlarge)(\\..*)?");

    @Override
    public String name() {
        return "timm-convnext";
    }

    @Override
    public String title() {
        return "ConvNeXt of timm";
    }

    @Override
    public String source() {
        return "Liu et al. 2022, arXiv 2201.03545; Wightman, timm";
    }

    @Override
    public String mark() {
        return "stages.1.downsample.1.weight";
    }

    @Override
    public boolean isOne(Predicate<String> has) {
        return has.test("stem.0.weight") && has.test("head.norm.weight") && has.test("head.fc.weight");
    }

    @Override
    public int pixels() {
        return 224;
    }

    @Override
    public Told told(ConvolutionHeader header) throws IOException {
        header.timm(KNOWN);
        var stem = ConvNeXtParts.patches(header, new Place("stem", 0), List.of("0", "1"), false);
        long channels = ((Convolving) stem.getFirst()).out();
        var blocks = new ArrayList<BlockSpec>();
        int stages = 1 + header.depth("stages.", 1, ".downsample.1.weight");
        for (int stage = 0; stage < stages; stage++) {
            if (stage > 0) {
                var place = new Place("stages.%d.downsample".formatted(stage), 0);
                blocks.add(BlockSpec.at(place, ConvNeXtParts.patches(header, place, List.of("1", "0"), true),
                        new ShortcutSpec.None(), Activation.NONE));
                channels = blocks.getLast().convolutions().getFirst().out();
            }
            var before = "stages.%d.blocks.".formatted(stage);
            int depth = header.depth(before, 0, ".conv_dw.weight");
            for (int i = 0; i < depth; i++) {
                blocks.add(PARTS.block(header, Place.in(before), before + i + ".", channels));
            }
        }
        return new Told(new Blueprint(stem, blocks, ConvNeXtParts.head(header, "head.norm", "head.fc", channels),
                Map.of()), new ConvNeXtForm("stages.%d.blocks.", 0, 1, stages));
    }
}
