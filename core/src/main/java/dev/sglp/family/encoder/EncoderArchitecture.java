package dev.sglp.family.encoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.Tied;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.repair.RepairNeed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One encoder.
///
/// @param kind    its family
/// @param spec    what it computes
/// @param surgery its configuration
/// @param tensors the header of its checkpoint
record EncoderArchitecture(EncoderFamily kind, EncoderSpec spec, ConfigSurgery surgery,
        Map<String, TensorInfo> tensors) implements Architecture {
    private static final String POSITIONS = "position_ids"; // 0, 1, 2, …, as old files have them
    private static final int MOST_SHOWN = 3;

    @Override
    public String family() {
        return kind.name();
    }

    @Override
    public String description() {
        var heads = spec.blocks().stream().flatMap(b -> b.attention().stream()).map(AttentionSpec::heads).findFirst()
                .map(h -> ", %d heads".formatted(h.query())).orElse("");
        return "%s (%d layers, hidden %d%s, vocabulary %s, %s)".formatted(kind.title(), spec.blocks().size(), width(),
                heads, String.format(Locale.ROOT, "%,d", spec.stem().tokens().rows()), pooled());
    }

    private String pooled() {
        return spec.masked().isPresent()
                ? "masked tokens"
                : "embeddings: %s%s".formatted(
                        spec.sentence().pooling().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        spec.sentence().unit() ? ", of length 1" : "");
    }

    private long width() {
        return spec.stem().tokens().width();
    }

    /// Whether it follows from others.
    boolean redundant(TensorInfo tensor) {
        return tensor.name().endsWith("." + POSITIONS) || spec.masked().isPresent() && twice(tensor);
    }

    /// The matrix where it is the tokens' table too, and the bias under the matrix' name.
    private boolean twice(TensorInfo tensor) {
        var head = spec.masked().orElseThrow();
        return head.tied() && tensor.name().equals(head.matrix())
                && tensor.shape().equals(tensors.get(spec.stem().tokens().name()).shape())
                || !tensor.name().equals(head.bias())
                        && tensor.name().equals(head.matrix().replaceFirst("weight$", "bias"));
    }

    /// Whether it goes along and is not computed with.
    boolean carries(TensorInfo tensor) {
        return kind.carried().matcher(tensor.name()).matches();
    }

    @Override
    public List<Cost> ends() {
        long output = spec.masked().isPresent() ? width() * (width() + classes()) : 0;
        return List.of(Cost.of("embeddings", spec.stemShapes(), tensors, 0),
                Cost.of("head", spec.headShapes(), tensors, output));
    }

    @Override
    public List<LayerCost> layers() {
        return IntStream.range(0, spec.blocks().size()).mapToObj(this::layer).toList();
    }

    private LayerCost layer(int index) {
        var cost = Cost.of(spec.prefix() + index, spec.layerShapes(index), tensors,
                spec.blocks().get(index).macs(input().window()));
        return new LayerCost(cost, spec.fixed(index), List.of(width()));
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
        return new Input.Text(classes(), spec.context(), spec.reachesItsEnd(),
                spec.masked().isPresent() ? Answer.MASKED_TOKEN : Answer.EMBEDDING);
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public int classes() {
        return Math.toIntExact(spec.stem().tokens().rows());
    }

    @Override
    public boolean has(RepairNeed need) {
        return spec.has(need);
    }

    @Override
    public EncoderArchitecture initialisedBy(double std) {
        return new EncoderArchitecture(kind, spec.initialisedBy(std), surgery, tensors);
    }

    @Override
    public boolean remains(LayerSet removed, Architecture written) {
        return written instanceof EncoderArchitecture other && kind.equals(other.kind)
                && spec.without(removed).equals(other.spec.initialisedBy(spec.initStd()));
    }

    @Override
    public OptionalDouble assumedStd() {
        return surgery.fields().value(EncoderFamily.INIT_FIELD).isPresent()
                ? OptionalDouble.empty()
                : OptionalDouble.of(spec.initStd());
    }

    @Override
    public List<String> notes() {
        var notes = new ArrayList<String>();
        if (spec.masked().isEmpty()) {
            spec.sentence().note().ifPresent(notes::add);
        }
        var used = spec.shapes().keySet();
        var carried = tensors.values().stream().filter(t -> carries(t) && !used.contains(t.name()) && !redundant(t))
                .map(TensorInfo::name).toList();
        if (!carried.isEmpty()) {
            notes.add("Goes along and plays no part: %s%s.".formatted(
                    carried.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ")),
                    carried.size() > MOST_SHOWN ? " and %d more".formatted(carried.size() - MOST_SHOWN) : ""));
        }
        return notes;
    }

    @Override
    public void check(Checkpoint checkpoint) throws IOException {
        if (spec.masked().isPresent()) {
            var head = spec.masked().get();
            var bias = head.matrix().replaceFirst("weight$", "bias");
            if (head.tied() && tensors.containsKey(head.matrix())) {
                new Tied(checkpoint, spec.stem().tokens().name(), head.matrix()).check();
            }
            if (!bias.equals(head.bias()) && tensors.containsKey(bias)) {
                new Tied(checkpoint, head.bias(), bias).check();
            }
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
        int layers = spec.blocks().size() - removed.size();
        if (spec.masked().isPresent()) {
            return """
                    from transformers import AutoModelForMaskedLM, AutoTokenizer
                    model = AutoModelForMaskedLM.from_pretrained(".")  # this folder; %d layers
                    tokenizer = AutoTokenizer.from_pretrained(".")
                    """.formatted(layers);
        }
        return spec.sentence().said() ? """
                from sentence_transformers import SentenceTransformer
                model = SentenceTransformer(".")  # this folder; %d layers
                """.formatted(layers) : """
                from transformers import AutoModel, AutoTokenizer
                model = AutoModel.from_pretrained(".")  # this folder; %d layers
                tokenizer = AutoTokenizer.from_pretrained(".")
                """.formatted(layers);
    }
}
