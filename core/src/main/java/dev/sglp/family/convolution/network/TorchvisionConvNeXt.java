package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import java.io.IOException;
import java.util.function.Predicate;

/// torchvision's ConvNeXt (Liu 2022, arXiv 2201.03545). What halves the image between stages is a layer that stays.
public final class TorchvisionConvNeXt implements ConvolutionFamily {
    private static final ConvNeXtParts PARTS = new ConvNeXtParts("block.0", "block.2", "block.3", "block.5",
            "layer_scale");
    private static final ConvNeXtParts.Stages STAGES = new ConvNeXtParts.Stages("features.0", "features.%d",
            "features.%d.", 1, 2);

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
    public Told told(ConvolutionHeader header) throws IOException {
        return PARTS.told(header, STAGES, "classifier.0", "classifier.2");
    }
}
