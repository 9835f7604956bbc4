package dev.sglp.family.convolution.network;

import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How ConvNeXts are spoken of.
///
/// @param named what its stages are called
record ConvNeXtForm(ConvNeXtParts.Stages named, int stages) implements ConvolutionForm {
    private List<Integer> depths(Blueprint network) {
        return IntStream.range(0, stages).mapToObj(s -> network.count(named.blocks(s))).toList();
    }

    private static List<Long> widths(Blueprint network) {
        var widths = new ArrayList<Long>();
        widths.add(((Convolving) network.stem().getFirst()).out());
        network.blocks().stream().filter(b -> b.place().numbers() == 0)
                .forEach(b -> widths.add(b.convolutions().getFirst().out()));
        return widths;
    }

    private boolean timm() {
        return named.step() == 1;
    }

    private String size(Blueprint network) {
        return ConvNeXtParts.size(depths(network), widths(network).getFirst());
    }

    @Override
    public String title(Blueprint network) {
        return size(network) + ", %s blocks".formatted(
                depths(network).stream().map(String::valueOf).collect(Collectors.joining("-")));
    }

    @Override
    public int resized(Blueprint network) {
        return switch (timm() ? "" : size(network)) {
            case "ConvNeXt-Tiny" -> 236;
            case "ConvNeXt-Small" -> 230;
            case "ConvNeXt-Base", "ConvNeXt-Large" -> 232;
            default -> 256;
        };
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("depths", depths(network));
        fields.put("widths", widths(network));
        return fields;
    }

    @Override
    public SequencedMap<String, Object> arguments(Blueprint network) {
        var args = new LinkedHashMap<String, Object>();
        if (timm()) {
            args.put("depths", depths(network));
            args.put("dims", widths(network));
            args.put("conv_mlp", !matrices(network));
        }
        return args;
    }

    @Override
    public String python(Blueprint network) {
        long classes = ((Classifying) network.head().getLast()).out();
        var depths = depths(network);
        var widths = widths(network);
        if (timm()) {
            return """
                    from timm.models.convnext import ConvNeXt
                    model = ConvNeXt(num_classes=%d, depths=%s, dims=%s, conv_mlp=%s)
                    """.formatted(classes, depths, widths, matrices(network) ? "False" : "True");
        }
        var settings = IntStream.range(0, stages).mapToObj(s -> "CNBlockConfig(%d, %s, %d)".formatted(widths.get(s),
                s + 1 < stages ? widths.get(s + 1).toString() : "None", depths.get(s))).toList();
        return """
                from torchvision.models.convnext import CNBlockConfig, ConvNeXt
                model = ConvNeXt(%s, num_classes=%d)
                """.formatted(settings, classes);
    }

    private static boolean matrices(Blueprint network) {
        return network.blocks().stream().flatMap(b -> b.convolutions().stream()).anyMatch(c -> c.axes() == 0);
    }
}
