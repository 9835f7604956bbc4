package dev.sglp.family.convolution.network.residual;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Largest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How torchvision speaks of its residual networks.
record TorchvisionResNetForm() implements ConvolutionForm {
    static final String STRIDE = "stem_stride";
    static final String POOLING = "stem_pooling";
    private static final int STAGES = 4;
    private static final long EXPANSION = 4;
    private static final List<Integer> DEEP = List.of(3, 4, 23, 3);

    @Override
    public String title(Blueprint network) {
        var depths = ResidualStages.depths(network, STAGES);
        var kind = groups(network) > 1 ? "ResNeXt" : widthPerGroup(network) > 64 ? "wide ResNet" : "ResNet";
        return ResidualStages.title(kind, kind, network, depths) + ", %s blocks".formatted(
                depths.stream().map(String::valueOf).collect(Collectors.joining("-")));
    }

    /// torchvision's 256, but for `resnext101_64x4d`, which has weights of the newer recipe alone.
    @Override
    public int resized(Blueprint network) {
        return groups(network) == 64 && ResidualStages.depths(network, STAGES).equals(DEEP) ? 232 : 256;
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("layers", ResidualStages.depths(network, STAGES));
        fields.put(STRIDE, stem(network).sliding().stride());
        fields.put(POOLING, pools(network));
        return fields;
    }

    /// timm's stem is torchvision's.
    @Override
    public SequencedMap<String, Object> arguments(Blueprint network) {
        var args = new LinkedHashMap<String, Object>();
        if (usualStem(network)) {
            args.put("layers", ResidualStages.depths(network, STAGES));
            args.put("channels", IntStream.rangeClosed(1, STAGES).mapToObj(s -> planes(network, s)
                    .orElse(stem(network).out() / (bottlenecks(network) ? EXPANSION : 1))).toList());
        }
        return args;
    }

    /// Of a stage; empty where nothing is left of it.
    private static Optional<Long> planes(Blueprint network, int stage) {
        return network.blocks().stream().filter(b -> stage(b) == stage).findFirst()
                .map(TorchvisionResNetForm::planes);
    }

    private static Convolving stem(Blueprint network) {
        return (Convolving) network.stem().getFirst();
    }

    private static boolean pools(Blueprint network) {
        return network.stem().getLast() instanceof Largest;
    }

    private static boolean bottlenecks(Blueprint network) {
        return last(network).convolutions().size() > 2;
    }

    private static BlockSpec last(Blueprint network) {
        return network.blocks().getLast();
    }

    private static long groups(Blueprint network) {
        return bottlenecks(network) ? last(network).convolutions().get(1).sliding().groups() : 1;
    }

    private static long planes(BlockSpec block) {
        var all = block.convolutions();
        return all.getLast().out() / (all.size() > 2 ? EXPANSION : 1);
    }

    private static double widthPerGroup(Blueprint network) {
        long width = last(network).convolutions().getFirst().out();
        return bottlenecks(network) ? 64.0 * width / groups(network) / planes(last(network)) : 64;
    }

    @Override
    public String python(Blueprint network) {
        var depths = ResidualStages.depths(network, STAGES);
        var block = bottlenecks(network) ? "Bottleneck" : "BasicBlock";
        if (stem(network).axes() == 1) {
            return """
                    # torchvision has no networks of signals: take your own class, with these depths
                    model = ResNet1d(layers=%s)
                    """.formatted(depths);
        }
        double width = widthPerGroup(network);
        var lines = new StringBuilder("import torch\nfrom torchvision.models.resnet import %s, ResNet\n"
                .formatted(block));
        lines.append("model = ResNet(%s, %s, num_classes=%d, groups=%d, width_per_group=%s)\n".formatted(block,
                depths.stream().map(d -> Math.max(1, d)).toList(),
                ((Classifying) network.head().getLast()).out(), groups(network),
                width == Math.rint(width) ? String.valueOf((long) width) : String.valueOf(width)));
        if (usual(network)) {
            if (depths.getFirst() == 0) {
                lines.append("model.layer1 = torch.nn.Sequential()\n");
            }
            return lines.toString();
        }
        return lines.append(own(network, depths, block)).toString();
    }

    /// Whether torchvision makes no others.
    private static boolean usual(Blueprint network) {
        return stem(network).in() == 3 && usualStem(network)
                && network.blocks().stream().allMatch(b -> planes(b) == 32L << stage(b));
    }

    private static boolean usualStem(Blueprint network) {
        var stem = stem(network);
        return stem.out() == 64 && stem.side() == 7 && stem.sliding().stride() == 2 && pools(network);
    }

    private static int stage(BlockSpec block) {
        return IntStream.rangeClosed(1, STAGES).filter(s -> block.place().before().equals(ResidualStages.stage(s)))
                .findFirst().orElseThrow();
    }

    /// Other widths, or another stem.
    private static String own(Blueprint network, List<Integer> depths, String block) {
        var stem = stem(network);
        var lines = new StringBuilder("""
                model.conv1 = torch.nn.Conv2d(%d, %d, %d, %d, %d, bias=False)
                model.bn1, model.inplanes = torch.nn.BatchNorm2d(%d), %d
                """.formatted(stem.in(), stem.out(), stem.side(), stem.sliding().stride(), stem.sliding().padding(),
                stem.out(), stem.out()));
        if (!pools(network)) {
            lines.append("model.maxpool = torch.nn.Identity()\n");
        }
        for (int s = 1; s <= STAGES; s++) {
            var planes = planes(network, s);
            lines.append(planes.isEmpty()
                    ? "model.layer%d = torch.nn.Sequential()\n".formatted(s)
                    : "model.layer%d = model._make_layer(%s, %d, %d, stride=%d)\n".formatted(s, block, planes.get(),
                            depths.get(s - 1), s > 1 ? 2 : 1));
        }
        var head = (Classifying) network.head().getLast();
        return lines.append("model.fc = torch.nn.Linear(%d, %d)\n".formatted(head.in(), head.out())).toString();
    }
}
