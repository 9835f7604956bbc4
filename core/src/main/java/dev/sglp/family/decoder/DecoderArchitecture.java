package dev.sglp.family.decoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.Tied;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.repair.RepairNeed;
import java.io.IOException;
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

    /// Whether it follows from others.
    boolean redundant(TensorInfo tensor) {
        return kind.redundantEndings().stream().anyMatch(tensor.name()::endsWith)
                || spec.head().tied() && tensor.name().equals(spec.output())
                        && tensor.shape().equals(spec.outputShapes().get(spec.output()));
    }

    @Override
    public List<Cost> ends() {
        long output = spec.stem().width() * spec.stem().vocabulary();
        return List.of(Cost.of("embedding", spec.stemShapes(), tensors, 0),
                Cost.of("head", spec.headShapes(), tensors, output));
    }

    @Override
    public List<LayerCost> layers() {
        return IntStream.range(0, spec.blocks().size()).mapToObj(this::layer).toList();
    }

    private LayerCost layer(int index) {
        var cost = Cost.of(spec.prefix() + index, spec.layerShapes(index), tensors,
                spec.macs(index, input().window()));
        return new LayerCost(cost, "", List.of(spec.stem().width()));
    }

    @Override
    public Set<String> lookedUp() {
        return spec.looksUp() ? Set.of(spec.stem().table()) : Set.of();
    }

    @Override
    public Set<String> tables() {
        return spec.tables();
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
    public boolean has(RepairNeed need) {
        return spec.has(need);
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
        return spec.renamed(tensors.values().stream().filter(t -> !redundant(t)).map(TensorInfo::name), removed);
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
