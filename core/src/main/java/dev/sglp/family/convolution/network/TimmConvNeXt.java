package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.ConvolutionHeader.Known;
import java.io.IOException;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// timm's ConvNeXt (Liu 2022, arXiv 2201.03545), by its own names.
public final class TimmConvNeXt implements ConvolutionFamily {
    private static final ConvNeXtParts PARTS = new ConvNeXtParts("conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma");
    private static final Known KNOWN = new Known(
            Pattern.compile("convnext_(atto|femto|pico|nano|tiny|small|base|large|xlarge)(\\..*)?"),
            "a ConvNeXt of timm without further parts (convnext_atto to convnext_xlarge)");
    private static final Set<String> SHOWN = Set.of("depths", "dims", "conv_mlp", "kernel_sizes", "patch_size",
            "head_init_scale", "ls_init_value");
    private static final ConvNeXtParts.Stages STAGES = new ConvNeXtParts.Stages("stem", "stages.%d.downsample",
            "stages.%d.blocks.", 0, 1);

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
    public Told told(ConvolutionHeader header) throws IOException {
        header.timm(KNOWN, SHOWN);
        return PARTS.told(header, STAGES, "head.norm", "head.fc");
    }
}
