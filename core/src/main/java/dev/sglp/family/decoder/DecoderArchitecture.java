package dev.sglp.family.decoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.config.Windows;
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
record DecoderArchitecture(DecoderFamily kind, DecoderSpec spec, ConfigSurgery surgery,
        Map<String, TensorInfo> tensors) implements Architecture {
    @Override
    public String family() {
        return kind.name();
    }

    @Override
    public String description() {
        var size = spec.size();
        return "%s (%s, hidden %d, %s, %s, vocabulary %s)".formatted(kind.title(), counted(size.layers(), "layer"),
                size.hidden(), counted(size.heads(), "head"), counted(size.keyValueHeads(), "key-value head"),
                String.format(Locale.ROOT, "%,d", size.vocabulary()));
    }

    private static String counted(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /// Shapes of all tensors that are needed, by name.
    SequencedMap<String, List<Long>> shapes() {
        var all = new LinkedHashMap<>(kind.stem(spec));
        for (int i = 0; i < spec.size().layers(); i++) {
            all.putAll(kind.layer(spec, i));
        }
        all.putAll(kind.head(spec));
        return all;
    }

    boolean redundant(TensorInfo tensor) {
        return kind.redundant(spec, tensor);
    }

    @Override
    public List<Cost> ends() {
        long output = (long) spec.size().hidden() * spec.size().vocabulary();
        return List.of(cost("embedding", kind.stem(spec), 0), cost("head", kind.head(spec), output));
    }

    @Override
    public List<LayerCost> layers() {
        return IntStream.range(0, spec.size().layers()).mapToObj(this::layer).toList();
    }

    private LayerCost layer(int index) {
        var shapes = kind.layer(spec, index);
        long linear = shapes.values().stream().filter(s -> s.size() == 2).mapToLong(DecoderArchitecture::product).sum();
        var cost = cost(kind.layerPrefix() + index, shapes, linear + attentionMacs(spec.windows().get(index)));
        return new LayerCost(cost, "", List.of((long) spec.size().hidden()));
    }

    /// `q kᵀ` and the sum of values, for the mean number of positions a token of a default window sees.
    private long attentionMacs(int window) {
        long length = input().window();
        long most = window == Windows.ALL ? length : Math.min(window, length);
        long seen = most * (most + 1) / 2 + (length - most) * most;
        return 2 * spec.size().queryWidth() * seen / length;
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
        return spec.tied() ? Set.of() : Set.of(DecoderTensors.EMBEDDING);
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
    public Input.Text input() {
        return new Input.Text(spec.size().vocabulary(), spec.size().context());
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public int classes() {
        return spec.size().vocabulary();
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
        return surgery.fields().value(DecoderSpec.INIT_FIELD).isPresent()
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
        kind.check(spec, checkpoint);
    }

    @Override
    public LayeredModel assembled(Weights weights) {
        return kind.build(spec, weights, layers().stream().map(l -> l.cost().macs()).toList());
    }

    /// In the order of the checkpoint, without tensors that follow from others.
    @Override
    public SequencedMap<String, String> renamed(LayerSet removed) {
        var places = newPlaces(removed);
        var names = new LinkedHashMap<String, String>();
        tensors.values().stream().filter(t -> !redundant(t)).map(TensorInfo::name).forEach(name -> {
            if (!name.startsWith(kind.layerPrefix())) {
                names.put(name, name);
            } else {
                var rest = name.substring(kind.layerPrefix().length()).split("\\.", 2);
                var place = places.get(rest[0]);
                if (place != null) {
                    names.put(name, kind.layerPrefix() + place + "." + rest[1]);
                }
            }
        });
        return names;
    }

    private Map<String, Integer> newPlaces(LayerSet removed) {
        var places = new LinkedHashMap<String, Integer>();
        removed.others(spec.size().layers()).forEach(i -> places.put(String.valueOf(i), places.size()));
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
                """.formatted(spec.size().layers() - removed.size());
    }
}
