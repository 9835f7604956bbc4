package dev.sglp.family.decoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/// One decoder language model.
///
/// @param kind    its family
/// @param spec    what it computes
/// @param surgery its configuration
/// @param tensors the header of its checkpoint
record DecoderArchitecture(DecoderFamily kind, NetworkSpec spec, ConfigSurgery surgery,
        Map<String, TensorInfo> tensors) implements Architecture {
    @Override
    public String family() {
        return kind.name();
    }

    @Override
    public String description() {
        var heads = spec.blocks().stream().flatMap(b -> b.attention().stream()).map(AttentionSpec::heads).findFirst()
                .map(h -> ", %s, %s".formatted(counted(h.query(), "head"), counted(h.key(), "key-value head")))
                .orElse("");
        return "%s (%s, hidden %d%s, vocabulary %s)".formatted(kind.title(), counted(spec.blocks().size(), "layer"),
                spec.stem().width(), heads, String.format(Locale.ROOT, "%,d", spec.stem().vocabulary()));
    }

    private static String counted(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /// Shapes of all tensors that are needed, by name.
    SequencedMap<String, List<Long>> shapes() {
        var all = new LinkedHashMap<>(spec.stemShapes());
        for (int i = 0; i < spec.blocks().size(); i++) {
            all.putAll(spec.layerShapes(i));
        }
        all.putAll(spec.headShapes());
        return all;
    }

    /// Whether it follows from others.
    boolean redundant(TensorInfo tensor) {
        return kind.redundantEndings().stream().anyMatch(tensor.name()::endsWith)
                || spec.head().tied() && tensor.name().equals(spec.output())
                        && tensor.shape().equals(spec.outputShapes().get(spec.output()));
    }

    @Override
    public List<Cost> ends() {
        long output = spec.stem().width() * spec.stem().vocabulary();
        return List.of(cost("embedding", spec.stemShapes(), 0), cost("head", spec.headShapes(), output));
    }

    @Override
    public List<LayerCost> layers() {
        return IntStream.range(0, spec.blocks().size()).mapToObj(this::layer).toList();
    }

    private LayerCost layer(int index) {
        var cost = cost(spec.prefix() + index, spec.layerShapes(index), spec.macs(index, input().window()));
        return new LayerCost(cost, "", List.of(spec.stem().width()));
    }

    private static long product(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    private Cost cost(String name, Map<String, List<Long>> shapes, long macs) {
        long parameters = shapes.values().stream().mapToLong(DecoderArchitecture::product).sum();
        long bytes = shapes.keySet().stream().mapToLong(n -> tensors.get(n).bytes()).sum();
        return new Cost(name, parameters, bytes, macs);
    }

    @Override
    public Set<String> lookedUp() {
        return spec.looksUp() ? Set.of(spec.stem().table()) : Set.of();
    }

    @Override
    public boolean directory() {
        return true;
    }

    @Override
    public Layout layout() {
        return Layout.TOKENS;
    }

    @Override
    public boolean refits() {
        return spec.blocks().stream().anyMatch(BlockSpec::refits);
    }

    @Override
    public boolean scales() {
        return spec.blocks().stream().allMatch(BlockSpec::scales);
    }

    @Override
    public Input.Text input() {
        return new Input.Text(classes(), spec.context(), spec.stem().positions().isPresent());
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public int classes() {
        return Math.toIntExact(spec.stem().vocabulary());
    }

    @Override
    public DecoderArchitecture initialisedBy(double std) {
        return new DecoderArchitecture(kind, spec.initialisedBy(std), surgery, tensors);
    }

    @Override
    public boolean remains(LayerSet removed, Architecture written) {
        return written instanceof DecoderArchitecture other && kind.equals(other.kind)
                && spec.without(removed).equals(other.spec.initialisedBy(spec.initStd()));
    }

    @Override
    public OptionalDouble assumedStd() {
        return surgery.fields().value(kind.initField()).isPresent()
                ? OptionalDouble.empty()
                : OptionalDouble.of(spec.initStd());
    }

    @Override
    public List<String> notes() {
        return surgery.saysQuantized()
                ? List.of(
                        "config.json has a quantization_config, but the weights are plain numbers: it is not used, and left out of what is written.")
                : List.of();
    }

    @Override
    public void check(Checkpoint checkpoint) throws IOException {
        if (spec.head().tied() && checkpoint.tensors().containsKey(spec.output())) {
            new Tied(checkpoint, spec.stem().table(), spec.output()).check();
        }
    }

    @Override
    public LayeredModel assembled(Weights weights) {
        return spec.on(weights, kind.name(), input().window());
    }

    /// In the order of the checkpoint, without tensors that follow from others.
    @Override
    public SequencedMap<String, String> renamed(LayerSet removed) {
        var places = newPlaces(removed);
        var names = new LinkedHashMap<String, String>();
        tensors.values().stream().filter(t -> !redundant(t)).map(TensorInfo::name).forEach(name -> {
            if (!name.startsWith(spec.prefix())) {
                names.put(name, name);
            } else {
                var rest = name.substring(spec.prefix().length()).split("\\.", 2);
                var place = places.get(rest[0]);
                if (place != null) {
                    names.put(name, spec.prefix() + place + "." + rest[1]);
                }
            }
        });
        return names;
    }

    private Map<String, Integer> newPlaces(LayerSet removed) {
        var places = new LinkedHashMap<String, Integer>();
        removed.others(spec.blocks().size()).forEach(i -> places.put(String.valueOf(i), places.size()));
        return places;
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, List<String> classNames) {
        return surgery.without(removed);
    }

    @Override
    public String openWith(LayerSet removed) {
        return """
                from transformers import AutoModelForCausalLM, AutoTokenizer
                model = AutoModelForCausalLM.from_pretrained(".")  # this folder; %d layers
                tokenizer = AutoTokenizer.from_pretrained(".")
                """.formatted(spec.blocks().size() - removed.size());
    }
}
