package dev.sglp.family.convolution;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.preparation.Preparation;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// One convolutional network.
///
/// @param family    name of the family
/// @param blueprint what it computes
/// @param form      how it is spoken of
/// @param looks     what it looks at and says
/// @param tensors   the header of its checkpoint
record ConvolutionArchitecture(String family, Blueprint blueprint, ConvolutionForm form, Looks looks,
        Map<String, TensorInfo> tensors) implements Architecture {
    /// @param said       whether the checkpoint says how pixels are normalised
    /// @param classNames in label order; empty where unknown
    record Looks(Input input, boolean said, List<String> classNames) {
        Looks {
            classNames = List.copyOf(classNames);
        }
    }

    @Override
    public Input input() {
        return looks.input;
    }

    @Override
    public List<String> classNames() {
        return looks.classNames;
    }

    @Override
    public boolean saysNormalisation() {
        return looks.said;
    }

    private ConvolutionArchitecture looking(Looks other) {
        return new ConvolutionArchitecture(family, blueprint, form, other, tensors);
    }

    /// The same network with names of its classes.
    ConvolutionArchitecture naming(List<String> classNames) {
        return looking(new Looks(looks.input, looks.said, classNames));
    }

    /// The strides too, which no tensor shows.
    @Override
    public boolean remains(LayerSet removed, Architecture written) {
        return written instanceof ConvolutionArchitecture other && family.equals(other.family)
                && blueprint.without(removed).equals(other.blueprint);
    }

    private Shape image() {
        return Shape.of(looks.input);
    }

    @Override
    public String description() {
        return "%s, %d classes".formatted(form.title(blueprint), classes());
    }

    @Override
    public int classes() {
        return Math.toIntExact(Blueprint.through(blueprint.head(), new Shape(0, 1, 1, false)).channels());
    }

    /// Shapes of all tensors by name.
    SequencedMap<String, List<Long>> shapes() {
        var all = new LinkedHashMap<String, List<Long>>();
        blueprint.placed(image()).forEach(part -> all.putAll(part.shapes()));
        return all;
    }

    @Override
    public List<Cost> ends() {
        var parts = blueprint.placed(image());
        var stem = parts.getFirst();
        var head = parts.getLast();
        return List.of(cost(stem.names().getFirst(), stem, Blueprint.macs(blueprint.stem(), stem.input())),
                cost(head.names().getLast(), head, Blueprint.macs(blueprint.head(), head.input())));
    }

    private Cost cost(String name, Blueprint.Placed part, long macs) {
        long parameters = part.parameters().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact)).sum();
        long bytes = part.shapes().keySet().stream().filter(n -> !Blueprint.isCounter(n))
                .mapToLong(n -> tensors.get(n).bytes()).sum();
        return new Cost(name, parameters, bytes, macs);
    }

    @Override
    public List<LayerCost> layers() {
        var parts = blueprint.placed(image());
        var layers = new ArrayList<LayerCost>();
        for (int i = 0; i < blueprint.blocks().size(); i++) {
            var block = blueprint.blocks().get(i);
            var part = parts.get(i + 1);
            layers.add(new LayerCost(
                    cost(block.label().at(part.counts()), part, Blueprint.macs(block, part.input())),
                    block.fixed(part.input()), block.output(part.input()).dimensions()));
        }
        return layers;
    }

    @Override
    public long activations() {
        return blueprint.activations(image());
    }

    @Override
    public boolean directory() {
        return false;
    }

    @Override
    public Layout layout() {
        return image().line() ? Layout.SIGNALS : Layout.MAPS;
    }

    @Override
    public LayeredModel assembled(Weights weights) {
        return blueprint.on(weights::get, family, looks.input);
    }

    @Override
    public SequencedMap<String, String> renamed(LayerSet removed) {
        return blueprint.renamed(removed, image());
    }

    @Override
    public ConvolutionArchitecture normalisedBy(List<Double> mean, List<Double> std) {
        return looking(new Looks(looks.input.image().normalisedBy(mean, std), true, looks.classNames));
    }

    /// Squares of another size are looked at as well where something is left of them at the end.
    @Override
    public ConvolutionArchitecture preparedAs(Preparation preparation) {
        var own = looks.input.image();
        var input = preparation.size().map(own::sized).filter(this::canLookAt).orElse(own);
        input.checkMade(preparation);
        return new ConvolutionArchitecture(family, blueprint, form.preparedAs(preparation),
                new Looks(input.preparedAs(preparation), looks.said, looks.classNames), tensors);
    }

    private boolean canLookAt(Input.Image input) {
        var image = Shape.of(input);
        return image.height() == image.width() && image.height() >= ConvolutionHeader.LEAST_PIXELS
                && image.height() <= ConvolutionHeader.MOST_PIXELS && blueprint.shortestSide(image) >= 1;
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, List<String> names) {
        var config = new LinkedHashMap<String, Object>();
        config.put("family", family);
        config.putAll(form.fields(blueprint.without(removed)));
        config.put("classes", classes());
        if (!looks.classNames.isEmpty() || !names.isEmpty()) {
            config.put("class_names", looks.classNames.isEmpty() ? names : looks.classNames);
        }
        if (looks.input instanceof Input.Image images) {
            putImages(config, images);
        } else {
            config.put("input_size", image().width());
        }
        return form.beside(blueprint.without(removed), config, looks.input);
    }

    private static void putImages(SequencedMap<String, Object> config, Input.Image input) {
        config.put("input_size", input.height());
        config.put(NormalisationFields.NAME, new NormalisationFields(input.mean(), input.std()).json());
        if (!input.preparation().equals(Preparation.NONE)) {
            config.put(PreparationFields.NAME, PreparationFields.json(input.preparation()));
        }
    }

    @Override
    public String openWith(LayerSet removed) {
        var left = blueprint.without(removed);
        return """
                # in the folder of the weights
                from safetensors.torch import load_file
                %smodel.load_state_dict(load_file("model.safetensors"))
                model.eval()  # input: %s
                """.formatted(form.python(left), looks.input instanceof Input.Image images
                ? "(pixels / 255 - mean) / std, mean %s, std %s".formatted(images.mean(), images.std())
                : "signals %s, as they are".formatted(image().dimensions()));
    }
}
