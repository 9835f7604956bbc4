package dev.sglp.family.convolution.network.residual;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec;
import dev.sglp.family.convolution.network.residual.ResidualStages.Preactivation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How CIFAR's residual networks are spoken of; `tools/cifar_resnet.py` is their definition in Python.
///
/// @param stages how many
/// @param linear name of the classifier
record CifarForm(int stages, String linear, Preactivation preactivation) implements ConvolutionForm {
    @Override
    public String title(Blueprint network) {
        var depths = ResidualStages.depths(network, stages);
        var kind = preactivation == Preactivation.NONE ? "ResNet" : "pre-activation ResNet";
        return ResidualStages.title(kind, "CIFAR " + kind, network, depths) + ", %s blocks".formatted(
                depths.stream().map(String::valueOf).collect(Collectors.joining("-")));
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("depths", ResidualStages.depths(network, stages));
        fields.put("widths", widths(network));
        return fields;
    }

    private List<Long> widths(Blueprint network) {
        return IntStream.rangeClosed(1, stages).mapToObj(s -> network.count(ResidualStages.stage(s)) == 0
                ? stem(network).out()
                : first(network, s).convolutions().getFirst().out()).toList();
    }

    private static Convolving stem(Blueprint network) {
        return (Convolving) network.stem().getFirst();
    }

    private static BlockSpec first(Blueprint network, int stage) {
        return network.blocks().stream().filter(b -> b.place().before().equals(ResidualStages.stage(stage)))
                .findFirst().orElseThrow();
    }

    @Override
    public String python(Blueprint network) {
        var head = (Classifying) network.head().getLast();
        return """
                # cifar_resnet.py lies in tools/ of sglp (PYTHONPATH), or take your own definition
                from cifar_resnet import CifarResNet
                model = CifarResNet(depths=%s, widths=%s, classes=%d%s)
                """.formatted(ResidualStages.depths(network, stages), widths(network), head.out(),
                unusual(network).stream().map(m -> ", " + m).collect(Collectors.joining()));
    }

    /// What distinguishes it from those of the paper's section 4.2.
    private List<String> unusual(Blueprint network) {
        var more = new ArrayList<String>();
        var projection = network.blocks().stream().flatMap(b -> b.shortcut().steps().stream()).findFirst();
        if (projection.isPresent()) {
            more.add("shortcut=\"B\"");
        }
        if (preactivation != Preactivation.NONE) {
            more.add("preactivation=\"%s\"".formatted(
                    preactivation == Preactivation.SHORTCUT_BEHIND ? "shared" : "before"));
        }
        var last = network.blocks().getLast().convolutions();
        if (last.size() > 2) {
            more.add("outputs=%s, groups=%d".formatted(outputs(network, last.getLast().out()),
                    last.get(1).sliding().groups()));
        }
        var stem = stem(network);
        if (stem.side() != 3 || stem.in() != 3 || stem.out() != widths(network).getFirst()) {
            more.add("window=%d, channels=%d, stem=%d".formatted(stem.side(), stem.in(), stem.out()));
        }
        if (stem.axes() == 1) {
            more.add("dimensions=1");
        }
        var windows = last.stream().map(Convolving::side).toList();
        if (!windows.equals(last.size() > 2 ? List.of(1L, 3L, 1L) : List.of(3L, 3L))) {
            more.add("windows=" + windows);
        }
        boolean downsample = projection.flatMap(StepSpec::name).filter(n -> n.after().contains("downsample"))
                .isPresent();
        if (downsample || !linear.equals("linear")) {
            more.add("names=(\"%s\", \"%s\")".formatted(downsample ? "downsample" : "shortcut", linear));
        }
        return more;
    }

    /// Channels that each stage gives; a first stage that is gone gives what the next expects.
    private List<Long> outputs(Blueprint network, long last) {
        return IntStream.rangeClosed(1, stages).mapToObj(
                s -> s < stages ? first(network, s + 1).convolutions().getFirst().in() : (Long) last).toList();
    }
}
