package dev.sglp.family.convolution.network;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionForm;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Largest;
import dev.sglp.family.convolution.StepSpec.Mean;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// How torchvision speaks of VGG: `cfg`, the channels of each convolution and `M` for a pooling.
///
/// @param normed with batch norm
record VggForm(boolean normed) implements ConvolutionForm {
    private static final String CONFIGURATION = "cfg";
    private static final String POOLING = "M";
    private static final int USUAL_PARTS = 7;
    private static final int USUAL_CHANNELS = 512;
    private static final int USUAL_INNER = 4096;
    private static final Map<List<Integer>, Integer> NUMBERS = Map.of(List.of(1, 1, 2, 2, 2), 11,
            List.of(2, 2, 2, 2, 2), 13, List.of(2, 2, 3, 3, 3), 16, List.of(2, 2, 4, 4, 4), 19);

    /// Whether a pooling follows the last convolution, which no tensor shows.
    static boolean poolsAtTheEnd(ConfigFields config) throws IOException {
        var said = config.list(CONFIGURATION);
        return said.isEmpty() || POOLING.equals(said.getLast());
    }

    private static List<Object> configuration(Blueprint network) {
        var all = new ArrayList<Object>();
        all.add(((Convolving) network.stem().getFirst()).out());
        for (var block : network.blocks()) {
            if (block.branch().getFirst() instanceof Largest) {
                all.add(POOLING);
            }
            all.add(block.convolutions().getFirst().out());
        }
        if (network.head().getFirst() instanceof Largest) {
            all.add(POOLING);
        }
        return all;
    }

    @Override
    public String title(Blueprint network) {
        var stages = new ArrayList<Integer>();
        int run = 0;
        for (var item : configuration(network)) {
            if (item.equals(POOLING)) {
                stages.add(run);
                run = 0;
            } else {
                run++;
            }
        }
        var name = NUMBERS.containsKey(stages) ? "VGG-" + NUMBERS.get(stages) : "VGG";
        return "%s%s, %d convolutions".formatted(name, normed ? " with batch norm" : "", network.blocks().size() + 1);
    }

    @Override
    public SequencedMap<String, Object> fields(Blueprint network) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put(CONFIGURATION, configuration(network));
        fields.put("batch_norm", normed);
        return fields;
    }

    @Override
    public String python(Blueprint network) {
        var classifiers = network.head().stream().filter(Classifying.class::isInstance).map(Classifying.class::cast)
                .toList();
        var cfg = configuration(network).stream().map(i -> i.equals(POOLING) ? "\"M\"" : i.toString())
                .collect(Collectors.joining(", ", "[", "]"));
        var usual = List.of((long) USUAL_CHANNELS * USUAL_PARTS * USUAL_PARTS, (long) USUAL_INNER,
                (long) USUAL_INNER);
        if (((Convolving) network.stem().getFirst()).axes() == 1) {
            return ofSignals(network, cfg, classifiers);
        }
        var lines = """
                import torch
                from torchvision.models.vgg import VGG, make_layers
                model = VGG(make_layers(%s, batch_norm=%s), num_classes=%d, init_weights=False)
                """.formatted(cfg, normed ? "True" : "False", classifiers.getLast().out());
        return classifiers.getFirst().at().before().equals("classifier.0")
                && classifiers.stream().map(Classifying::in).toList().equals(usual)
                        ? lines
                        : lines + own(network, classifiers);
    }

    /// torchvision makes none: the parts have the names of its.
    private String ofSignals(Blueprint network, String cfg, List<Classifying> classifiers) {
        var stem = (Convolving) network.stem().getFirst();
        return """
                import torch
                layers, channels = [], %d
                for v in %s:
                    layers += [torch.nn.MaxPool1d(2)] if v == "M" else [torch.nn.Conv1d(channels, v, %d, padding=%d, bias=%s), %storch.nn.ReLU()]
                    channels = channels if v == "M" else v
                model = torch.nn.Sequential()
                model.features = torch.nn.Sequential(*layers)
                """
                .formatted(stem.in(), cfg, stem.side(), stem.side() / 2, stem.bias() ? "True" : "False",
                        normed ? "torch.nn.BatchNorm1d(v), " : "")
                + own(network, classifiers).replace("AdaptiveAvgPool2d", "AdaptiveAvgPool1d")
                        .replace("model.classifier", "model.flat = torch.nn.Flatten()\nmodel.classifier");
    }

    /// Another classifier than torchvision's.
    private static String own(Blueprint network, List<Classifying> classifiers) {
        var parts = network.head().stream().filter(Mean.class::isInstance).map(Mean.class::cast).findFirst()
                .orElseThrow().parts();
        var linear = classifiers.stream().map(c -> "torch.nn.Linear(%d, %d)".formatted(c.in(), c.out())).toList();
        var made = switch (classifiers.getFirst().at().before()) {
            case "classifier.0" ->
                "torch.nn.Sequential(%s, torch.nn.ReLU(), torch.nn.Dropout(), %s, torch.nn.ReLU(), torch.nn.Dropout(), %s)";
            case "classifier.1" ->
                "torch.nn.Sequential(torch.nn.Dropout(), %s, torch.nn.ReLU(), torch.nn.Dropout(), %s, torch.nn.ReLU(), %s)";
            default -> "%s";
        };
        return "model.avgpool = torch.nn.AdaptiveAvgPool2d(%d)\nmodel.classifier = %s\n".formatted(parts,
                made.formatted(linear.toArray()));
    }
}
