package dev.sglp.cli.tuning;

import dev.sglp.cli.adapter.PeftAdapter;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.training.FineTuning;
import dev.sglp.training.TextLesson;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.blockwise.BlockwiseLesson;
import dev.sglp.training.gradient.Hidden;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.Trained;
import dev.sglp.training.room.Room;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What of a language model is trained.
@Under(Heading.TRAINING)
public final class TextTraining {
    private static final int LAYERS = 3;
    private static final int RANK = 16;
    private static final Pattern NUMBER = Pattern.compile("(\\d+(?:\\.\\d+)?)([kKmMgGbB]?)");

    /// What changes.
    enum Extent {
        FULL, PARTIAL, LORA, BLOCKWISE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What stands together in a window.
    enum Packing {
        NONE, DOCUMENTS
    }

    @Option(names = "--train", paramLabel = "WHAT", description = "text: full: every tensor; partial: the last layers or those beside the gaps, the last norm, and the output matrix where it is not the embedding; lora: matrices of low rank beside those of the layers, merged on writing; blockwise: each layer behind a gap, to the teacher's stream there (default: full)")
    private @Nullable Extent train;

    @Option(names = {"--train-tokens",
            "--heal-tokens"}, paramLabel = "N", description = "text: train on so many tokens, drawn evenly: 250k, 2M (default: all there are)")
    private @Nullable String tokens;

    @Option(names = "--batch-tokens", paramLabel = "N", description = "text: a step has as many windows as come to at most N tokens together, and one at least: 8192, 8k (default: --batch-size windows)")
    private @Nullable String batchTokens;

    @Option(names = "--pack", paramLabel = "WHAT", description = "text: documents: as many of jsonl: or chat: in a window as fit, each read, predicted and counted from its own beginning; none: a window each (default: none)")
    private Packing pack = Packing.NONE;

    @Option(names = "--recompute", description = "text: keep of each layer its input alone and run it again on the way back: the same bytes in less memory, a third more time")
    private boolean recompute;

    @Option(names = "--distil-hidden", paramLabel = "W", description = "distil, text: add W times the mean of ‖s − t‖² / ‖t‖² between the network's stream and the teacher's behind some layers (default: not)")
    private @Nullable Double hidden;

    @Option(names = "--distil-layers", paramLabel = "N,N…", split = ",", description = "distil, text: behind which layers of the network, from 0; each meets the teacher where the next kept layer reads its stream (default: the one before each gap, and the last)")
    private List<Integer> hiddenLayers = List.of();

    @Option(names = "--train-layers", paramLabel = "N|gaps", description = "text: partial trains the last N layers, or gaps: those before and behind each gap that the removal left, which the plan.json beside MODEL tells, else --teacher (default: 3)")
    private @Nullable String layers;

    @Option(names = "--lora-rank", paramLabel = "N", description = "text: rank of the added matrices (default: 16)")
    private @Nullable Integer rank;

    @Option(names = "--lora-alpha", paramLabel = "F", description = "text: they count alpha / rank times (default: twice the rank)")
    private @Nullable Double alpha;

    @Option(names = "--lora-target", paramLabel = "NAMES", split = ",", description = "text: beside which matrices, by the ends of their names: q_proj,v_proj (default: all of the layers)")
    private List<String> targets = List.of();

    private OptionalLong most = OptionalLong.empty(); // bytes that a step may take

    @SuppressWarnings("NullAway") // picocli fills the fields
    public TextTraining() {}

    /// What changes.
    private Extent extent() {
        return train == null ? Extent.FULL : train;
    }

    /// What `--heal` names changes.
    ///
    /// @throws UsageException where `--train` names something else
    void take(Extent named) {
        if (train != null && train != named) {
            throw new UsageException(
                    "--heal %s means --heal distil --train %1$s, but --train %s was given. Leave one of them out"
                            .formatted(named.word(), train.word()));
        }
        train = named;
    }

    /// @param bytes that a step may take; empty where nobody says
    void within(OptionalLong bytes) {
        most = bytes;
    }

    /// @param why nothing of it plays a part
    /// @throws UsageException where a flag was typed
    static void refuse(String why, Given given) {
        given.refuse(why, "--train", "--batch-tokens", "--pack", "--recompute", "--distil-hidden", "--distil-layers",
                "--train-tokens",
                "--heal-tokens",
                "--train-layers", "--lora-rank",
                "--lora-alpha",
                "--lora-target");
    }

    /// How many tokens are trained on; 0: all.
    ///
    /// @throws UsageException where it is no number
    long tokens() {
        return tokens("--train-tokens", tokens, "250k or 2M");
    }

    /// Tokens a step at the most; 0: it has a number of windows.
    ///
    /// @throws UsageException where it is no number
    long batchTokens() {
        return tokens("--batch-tokens", batchTokens, "8192 or 8k");
    }

    private static long tokens(String flag, @Nullable String typed, String instance) {
        if (typed == null) {
            return 0;
        }
        var match = NUMBER.matcher(typed.strip());
        double number = match.matches() ? Double.parseDouble(match.group(1)) * switch (match.group(2)) {
            case "k", "K" -> 1e3;
            case "m", "M" -> 1e6;
            case "g", "G", "b", "B" -> 1e9;
            default -> 1;
        } : 0;
        if (number < 1 || number > 1e12) {
            throw new UsageException("%s is a number of tokens, for instance %s, got %s".formatted(flag, instance,
                    typed));
        }
        return Math.round(number);
    }

    /// @throws UsageException where a flag plays no part, or is out of range
    void check(boolean text, Given given) {
        if (!text) {
            refuse("is for language models", given);
        }
        if (extent() != Extent.PARTIAL) {
            given.refuse("belongs to --train partial", "--train-layers");
        }
        if (extent() != Extent.LORA) {
            given.refuse("belongs to --train lora", "--lora-rank", "--lora-alpha", "--lora-target");
        }
        if (extent() == Extent.BLOCKWISE) {
            given.refuse("plays no part in --train blockwise, which follows the stream", "--temperature",
                    "--batch-tokens", "--pack", "--recompute", "--distil-hidden", "--distil-layers", "--distil-weight",
                    "--teacher-answers", "--top-k", "--save-every");
        }
        if (hidden == null) {
            given.refuse("belongs to --distil-hidden W", "--distil-layers");
        } else {
            given.refuse("keeps answers alone, and --distil-hidden asks the teacher for its stream",
                    "--teacher-answers");
            new Hidden.Asked(hidden, hiddenLayers);
        }
        tokens();
        batchTokens();
        if (!besideGaps() && layers != null && !layers.matches("[1-9]\\d{0,8}")) {
            throw new UsageException("--train-layers is a number, at least 1, or gaps, got " + layers);
        }
        if (rank() < 1) {
            throw new UsageException("--lora-rank is at least 1, got " + rank());
        }
    }

    /// What is computed in.
    ///
    /// @param flag  that says so
    /// @param dtype as it was typed
    static DType type(String flag, String dtype) {
        return switch (dtype.toLowerCase(Locale.ROOT)) {
            case "float32", "f32" -> DType.F32;
            case "bfloat16", "bf16" -> DType.BF16;
            default -> throw new UsageException("%s is float32 or bfloat16, got %s".formatted(flag, dtype));
        };
    }

    private int count() {
        return layers == null ? LAYERS : Integer.parseInt(layers);
    }

    /// Whether the layers beside the gaps are trained.
    boolean besideGaps() {
        return "gaps".equalsIgnoreCase(layers);
    }

    private int rank() {
        return rank == null ? RANK : rank;
    }

    private double alpha() {
        return alpha == null ? 2.0 * rank() : alpha;
    }

    /// Whether as many documents stand in a window as fit.
    boolean packs() {
        return pack == Packing.DOCUMENTS;
    }

    /// What is usual of a training's other settings.
    TrainingOptions.Usual usual() {
        return switch (extent()) {
            case FULL, PARTIAL -> TrainingOptions.Usual.TEXT;
            case LORA -> TrainingOptions.Usual.LORA;
            case BLOCKWISE -> TrainingOptions.Usual.BLOCKWISE;
        };
    }

    /// @param needed the flag that names a teacher
    /// @throws UsageException where there must be one
    void checkUntaught(String needed) {
        if (hidden != null) {
            throw new UsageException("--distil-hidden follows a teacher's stream: it needs " + needed);
        }
        if (extent() == Extent.BLOCKWISE) {
            throw new UsageException("--train blockwise follows a teacher's stream: it needs " + needed);
        }
    }

    private Trained.LowRankOf lowRank(long seed) {
        return new Trained.LowRankOf(rank(), alpha(), targets, seed);
    }

    /// Looks at the header.
    ///
    /// @throws UsageException where what is to be trained is not there
    void check(ModelFile file) {
        if (extent() == Extent.LORA) {
            var tensors = file.checkpoint().tensors();
            var all = file.ofLayers();
            lowRank(0).check(tensors.keySet().stream()
                    .filter(name -> all.contains(name) && tensors.get(name).shape().size() == 2)
                    .collect(Collectors.toMap(name -> name, name -> tensors.get(name).shape())));
        }
    }

    /// @param there layers of the network that is trained
    /// @throws UsageException where more are to be trained, or the teacher is to be met behind others
    void checkLayers(int there) {
        if (!besideGaps() && layers != null && count() > there) {
            throw new UsageException("--train-layers %s: the network that is trained has %d".formatted(layers, there));
        }
        if (hidden != null) {
            new Hidden.Asked(hidden, hiddenLayers).check(there);
        }
    }

    /// Finds the layers that were removed.
    interface Gaps {
        /// @param dense the network with them; empty where it is not there
        LayerSet of(Optional<LayeredModel> dense, LayeredModel smaller);
    }

    /// How a network is trained.
    ///
    /// @param asking where the teacher's answers come from
    FineTuning.Lesson lesson(TrainingSettings settings, Optional<Teaching> teaching, DType type,
            TextLesson.Answering asking, Gaps gaps) {
        var how = new TextLesson.How(asking, meeting(gaps), new Room(recompute, most));
        return switch (extent()) {
            case FULL -> new TextLesson(settings, teaching, type, Trained::full, how);
            case PARTIAL ->
                new TextLesson(settings, teaching, type,
                        model -> Trained.partial(model, partial(teaching.flatMap(Teaching::network), model, gaps)),
                        how);
            case LORA -> new TextLesson(settings, teaching, type, lowRank(settings.seed()), how);
            case BLOCKWISE -> new BlockwiseLesson(settings, teaching.orElseThrow(), type,
                    (dense, smaller) -> gaps.of(Optional.of(dense), smaller));
        };
    }

    /// Which layers are trained.
    private List<Integer> partial(Optional<LayeredModel> dense, LayeredModel model, Gaps gaps) {
        int there = model.layers().size();
        if (!besideGaps()) {
            return IntStream.range(Math.max(0, there - count()), there).boxed().toList();
        }
        var removed = gaps.of(dense, model);
        return removed.besideGaps(there + removed.size());
    }

    private TextLesson.Meeting meeting(Gaps gaps) {
        if (hidden == null) {
            return TextLesson.Meeting.NOWHERE;
        }
        var asked = new Hidden.Asked(hidden, hiddenLayers);
        return (teaching, smaller) -> {
            var dense = teaching.teacher();
            int layers = dense.layers().size();
            var missing = smaller.layers().size() == layers ? LayerSet.EMPTY : gaps.of(Optional.of(dense), smaller);
            return teaching.meeting(asked.of(missing, layers));
        };
    }

    /// What is learned, apart from its network.
    PeftAdapter adapter(ModelFile file) {
        return new PeftAdapter(file.checkpoint().path().toAbsolutePath().toString(), rank(), alpha());
    }

    /// What changes, in words.
    String words(DType type) {
        var what = switch (extent()) {
            case FULL -> "every tensor";
            case PARTIAL -> "%s, the last norm, and the head where it is not the embedding".formatted(
                    besideGaps() ? "the layers beside the gaps" : "the last %d layers".formatted(count()));
            case BLOCKWISE -> "each layer behind a gap, to the teacher's stream";
            case LORA -> "matrices of rank %d beside %s, alpha %s".formatted(rank(),
                    targets.isEmpty() ? "those of the layers" : String.join(", ", targets), alpha());
        };
        return what + (hidden == null ? "" : ", the teacher's stream met by %s".formatted(hidden))
                + (packs() ? ", documents packed" : "")
                + (type == DType.F32 ? ", float32" : ", bfloat16, weights float32");
    }

    /// The same, to compare with what was typed another time.
    String settings(DType type) {
        var what = switch (extent()) {
            case FULL, BLOCKWISE -> "layers=all";
            case PARTIAL -> "layers=" + (besideGaps() ? "gaps" : count());
            case LORA -> "rank=%d, alpha=%s, target=%s".formatted(rank(), alpha(), targets);
        };
        return ", train=%s, %s, dtype=%s%s".formatted(extent(), what, type, (packs() ? ", pack=documents" : "")
                + (hidden == null ? "" : ", distilHidden=%s, distilLayers=%s".formatted(hidden, hiddenLayers))
                + (most.isEmpty() ? "" : ", memory=" + most.getAsLong())); // it may say in which order gradients are summed
    }
}
