package dev.sglp.family.convolution.network;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.network.ResidualStages.Preactivation;
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
        return IntStream.rangeClosed(1, stages).mapToObj(s -> s == 1
                ? ((Convolving) network.stem().getFirst()).out()
                : first(network, s).convolutions().getFirst().out()).toList();
    }

    private static BlockSpec first(Blueprint network, int stage) {
        return network.blocks().stream().filter(b -> b.place().before().equals(ResidualStages.stage(stage)))
                .findFirst().orElseThrow();
    }

    @Override
    public String python(Blueprint network, Image input) {
        var head = (Classifying) network.head().getLast();
        var more = new ArrayList<String>();
        if (network.blocks().stream().anyMatch(b -> b.shortcut() instanceof ShortcutSpec.Projection)) {
            more.add("shortcut=\"B\"");
        }
        if (preactivation != Preactivation.NONE) {
            more.add("preactivation=\"%s\"".formatted(
                    preactivation == Preactivation.SHORTCUT_BEHIND ? "shared" : "before"));
        }
        var last = network.blocks().getLast().convolutions();
        if (last.size() > 2) {
            more.add("outputs=" + outputs(network, last.getLast().out()));
            more.add("groups=" + last.get(1).sliding().groups());
        }
        if (((Convolving) network.stem().getFirst()).side() != 3) {
            more.add("window=" + ((Convolving) network.stem().getFirst()).side());
        }
        var names = network.blocks().stream().flatMap(b -> b.shortcut().steps().stream()).findFirst()
                .flatMap(s -> s.name()).filter(n -> n.after().contains("downsample"));
        if (names.isPresent() || !linear.equals("linear")) {
            more.add("names=(\"%s\", \"%s\")".formatted(names.isPresent() ? "downsample" : "shortcut", linear));
        }
        return """
                # cifar_resnet.py lies in tools/ of sglp (PYTHONPATH), or take your own definition
                from cifar_resnet import CifarResNet
                model = CifarResNet(depths=%s, widths=%s, classes=%d%s)
                """.formatted(ResidualStages.depths(network, stages), widths(network), head.out(),
                more.stream().map(m -> ", " + m).collect(Collectors.joining()));
    }

    /// Channels that each stage gives; a first stage that is gone gives what the next expects.
    private List<Long> outputs(Blueprint network, long last) {
        return IntStream.rangeClosed(1, stages).mapToObj(
                s -> s < stages ? first(network, s + 1).convolutions().getFirst().in() : (Long) last).toList();
    }
}
