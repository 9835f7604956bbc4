package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.preparation.Preparation;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// One CIFAR ResNet: its depths and widths say everything.
///
/// @param depths     blocks a stage, for instance 9-9-9
/// @param widths     channels a stage, for instance 16, 32, 64
/// @param classes    outputs of the head
/// @param input      what it expects
/// @param classNames in label order; empty where unknown
record CifarResNetArchitecture(List<Integer> depths, List<Long> widths, int classes, Input.Image input,
        List<String> classNames) implements Architecture {
    private static final int FLOAT_BYTES = 4;

    CifarResNetArchitecture {
        depths = List.copyOf(depths);
        widths = List.copyOf(widths);
        classNames = List.copyOf(classNames);
    }

    /// A block's place: stage from 1, index in the stage from 0.
    private record Place(int stage, int index) {
        String name() {
            return "layer" + stage + "." + index;
        }

        boolean changesShape() {
            return stage > 1 && index == 0;
        }
    }

    @Override
    public String family() {
        return CifarResNet.NAME;
    }

    @Override
    public String description() {
        int layers = 6 * depths.getFirst() + 2;
        boolean regular = depths.stream().distinct().count() == 1;
        return "%s, %s blocks, %d classes".formatted(regular ? "ResNet-" + layers : "CIFAR ResNet", dashed(depths),
                classes);
    }

    private static String dashed(List<Integer> depths) {
        return depths.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }

    private List<Place> places() {
        var places = new ArrayList<Place>();
        for (int stage = 1; stage <= depths.size(); stage++) {
            for (int index = 0; index < depths.get(stage - 1); index++) {
                places.add(new Place(stage, index));
            }
        }
        return places;
    }

    private long in(Place place) {
        return widths.get(place.changesShape() ? place.stage - 2 : place.stage - 1);
    }

    private long out(Place place) {
        return widths.get(place.stage - 1);
    }

    private long pixels(int stage) {
        long height = input.height();
        long width = input.width();
        for (int i = 1; i < stage; i++) {
            height = (height + 1) / 2;
            width = (width + 1) / 2;
        }
        return height * width;
    }

    @Override
    public List<Cost> ends() {
        long w = widths.getFirst();
        long stem = 9 * input.channels() * w;
        long last = widths.getLast();
        return List.of(cost("conv1", stem + 2 * w, 2 * w, stem * pixels(1)),
                cost("linear", (last + 1) * classes, 0, last * classes));
    }

    @Override
    public List<LayerCost> layers() {
        return places().stream().map(this::layer).toList();
    }

    private LayerCost layer(Place place) {
        long weights = 9 * (in(place) + out(place)) * out(place);
        var cost = cost(place.name(), weights + 4 * out(place), 4 * out(place), weights * pixels(place.stage));
        int side = Math.ceilDiv(input.height(), 1 << (place.stage - 1));
        int wide = Math.ceilDiv(input.width(), 1 << (place.stage - 1));
        return new LayerCost(cost, place.changesShape() ? CifarResNetModel.CHANGES_SHAPE : "",
                List.of(out(place), (long) side, (long) wide));
    }

    private static Cost cost(String name, long parameters, long buffers, long macs) {
        return new Cost(name, parameters, FLOAT_BYTES * (parameters + buffers), macs);
    }

    @Override
    public boolean directory() {
        return false;
    }

    @Override
    public Layout layout() {
        return Layout.MAPS;
    }

    @Override
    public LayeredModel assembled(Weights weights) {
        var model = new CifarResNetModel(weights);
        var costs = layers();
        var places = places();
        var blocks = new ArrayList<CifarResNetModel.Block>();
        for (int i = 0; i < places.size(); i++) {
            blocks.add(model.block(costs.get(i), in(places.get(i))));
        }
        return new LayeredModel(family(), model.stem(ends().getFirst().macs()), List.copyOf(blocks),
                model.head(ends().getLast().macs()), Objective.crossEntropy(), layout());
    }

    /// Every tensor a checkpoint of this network has, with its shape.
    Map<String, List<Long>> shapes() {
        var all = new LinkedHashMap<String, List<Long>>();
        all.put("conv1.weight", List.of(widths.getFirst(), (long) input.channels(), 3L, 3L));
        putNorm(all, "bn1", widths.getFirst());
        for (var place : places()) {
            all.put(place.name() + ".conv1.weight", List.of(out(place), in(place), 3L, 3L));
            putNorm(all, place.name() + ".bn1", out(place));
            all.put(place.name() + ".conv2.weight", List.of(out(place), out(place), 3L, 3L));
            putNorm(all, place.name() + ".bn2", out(place));
        }
        all.put("linear.weight", List.of((long) classes, widths.getLast()));
        all.put("linear.bias", List.of((long) classes));
        return all;
    }

    private static void putNorm(Map<String, List<Long>> all, String prefix, long channels) {
        for (var name : List.of("weight", "bias", "running_mean", "running_var")) {
            all.put(prefix + "." + name, List.of(channels));
        }
        all.put(prefix + ".num_batches_tracked", List.of());
    }

    @Override
    public SequencedMap<String, String> renamed(LayerSet removed) {
        var prefixes = newPlaces(removed);
        var names = new LinkedHashMap<String, String>();
        for (var name : shapes().keySet()) {
            var parts = name.split("\\.", 3);
            if (!name.startsWith("layer")) {
                names.put(name, name);
            } else if (prefixes.containsKey(parts[0] + "." + parts[1])) {
                names.put(name, prefixes.get(parts[0] + "." + parts[1]) + "." + parts[2]);
            }
        }
        return names;
    }

    private Map<String, String> newPlaces(LayerSet removed) {
        var places = places();
        var next = new int[depths.size() + 1];
        var names = new LinkedHashMap<String, String>();
        for (int i = 0; i < places.size(); i++) {
            var place = places.get(i);
            if (!removed.contains(i)) {
                names.put(place.name(), new Place(place.stage, next[place.stage]++).name());
            }
        }
        return names;
    }

    private List<Integer> depthsWithout(LayerSet removed) {
        var left = new ArrayList<>(depths);
        var places = places();
        removed.indices().forEach(i -> left.set(places.get(i).stage - 1, left.get(places.get(i).stage - 1) - 1));
        return left;
    }

    @Override
    public CifarResNetArchitecture normalisedBy(List<Double> mean, List<Double> std) {
        return new CifarResNetArchitecture(depths, widths, classes, input.normalisedBy(mean, std), classNames);
    }

    @Override
    public CifarResNetArchitecture preparedAs(Preparation preparation) {
        input.checkMade(preparation);
        return new CifarResNetArchitecture(depths, widths, classes, input.preparedAs(preparation), classNames);
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, List<String> names) {
        var config = new LinkedHashMap<String, Object>();
        config.put("family", family());
        config.put("depths", depthsWithout(removed));
        config.put("widths", widths);
        config.put("classes", classes);
        if (!classNames.isEmpty() || !names.isEmpty()) {
            config.put("class_names", classNames.isEmpty() ? names : classNames);
        }
        config.put("input_size", input.height());
        var normalisation = new LinkedHashMap<String, Object>(); // Map.of would order it differently in every run
        normalisation.put("mean", input.mean());
        normalisation.put("std", input.std());
        config.put("normalisation", normalisation);
        if (!input.preparation().equals(Preparation.NONE)) {
            config.put(PreparationFields.NAME, PreparationFields.json(input.preparation()));
        }
        return config;
    }

    @Override
    public String openWith(LayerSet removed) {
        return """
                # in the folder of the weights; cifar_resnet.py lies in tools/ of sglp (PYTHONPATH), or take your own definition
                from cifar_resnet import CifarResNet
                from safetensors.torch import load_file
                model = CifarResNet(depths=%s, widths=%s, classes=%d)
                model.load_state_dict(load_file("model.safetensors"))
                model.eval()  # input: (pixels / 255 - mean) / std, mean %s, std %s
                """
                .formatted(depthsWithout(removed), widths, classes, input.mean(), input.std());
    }
}
