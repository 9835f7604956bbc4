package dev.sglp.cli.tuning;

import dev.sglp.cli.adapter.PeftAdapter;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.tensor.DType;
import dev.sglp.surgery.MissingLayers;
import dev.sglp.training.FineTuning;
import dev.sglp.training.TextLesson;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.blockwise.BlockwiseLesson;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.Trained;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
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
        FULL, PARTIAL, LORA, BLOCKWISE
    }

    @Option(names = "--train", paramLabel = "WHAT", description = "text: full: every tensor; partial: the last layers, the last norm, and the output matrix where it is not the embedding; lora: matrices of low rank beside those of the layers, merged on writing; blockwise: each layer behind a gap, to the teacher's stream there (default: full)")
    private Extent train = Extent.FULL;

    @Option(names = {"--train-tokens",
            "--heal-tokens"}, paramLabel = "N", description = "text: train on so many tokens, drawn evenly: 250k, 2M (default: all there are)")
    private @Nullable String tokens;

    @Option(names = "--train-layers", paramLabel = "N", description = "text: partial trains the last N layers (default: 3)")
    private @Nullable Integer layers;

    @Option(names = "--lora-rank", paramLabel = "N", description = "text: rank of the added matrices (default: 16)")
    private @Nullable Integer rank;

    @Option(names = "--lora-alpha", paramLabel = "F", description = "text: they count alpha / rank times (default: twice the rank)")
    private @Nullable Double alpha;

    @Option(names = "--lora-target", paramLabel = "NAMES", split = ",", description = "text: beside which matrices, by the ends of their names: q_proj,v_proj (default: all of the layers)")
    private List<String> targets = List.of();

    @SuppressWarnings("NullAway") // picocli fills the fields
    public TextTraining() {}

    /// @param why nothing of it plays a part
    /// @throws UsageException where a flag was typed
    static void refuse(String why, Given given) {
        given.refuse(why, "--train", "--train-tokens", "--heal-tokens", "--train-layers", "--lora-rank", "--lora-alpha",
                "--lora-target");
    }

    /// How many tokens are trained on; 0: all.
    ///
    /// @throws UsageException where it is no number
    long tokens() {
        if (tokens == null) {
            return 0;
        }
        var match = NUMBER.matcher(tokens.strip());
        double number = match.matches() ? Double.parseDouble(match.group(1)) * switch (match.group(2)) {
            case "k", "K" -> 1e3;
            case "m", "M" -> 1e6;
            case "g", "G", "b", "B" -> 1e9;
            default -> 1;
        } : 0;
        if (number < 1 || number > 1e12) {
            throw new UsageException("--train-tokens is a number of tokens, for instance 250k or 2M, got " + tokens);
        }
        return Math.round(number);
    }

    /// @throws UsageException where a flag plays no part, or is out of range
    void check(boolean text, Given given) {
        if (!text) {
            refuse("is for language models", given);
        }
        if (train != Extent.PARTIAL) {
            given.refuse("belongs to --train partial", "--train-layers");
        }
        if (train != Extent.LORA) {
            given.refuse("belongs to --train lora", "--lora-rank", "--lora-alpha", "--lora-target");
        }
        if (train == Extent.BLOCKWISE) {
            given.refuse("plays no part in --train blockwise, which follows the stream", "--temperature",
                    "--distil-weight", "--teacher-answers", "--top-k", "--minutes");
        }
        tokens();
        if (layers != null && layers < 1) {
            throw new UsageException("--train-layers is at least 1, got " + layers);
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
        return layers == null ? LAYERS : layers;
    }

    private int rank() {
        return rank == null ? RANK : rank;
    }

    private double alpha() {
        return alpha == null ? 2.0 * rank() : alpha;
    }

    /// What is usual of a training's other settings.
    TrainingOptions.Usual usual() {
        return switch (train) {
            case FULL, PARTIAL -> TrainingOptions.Usual.TEXT;
            case LORA -> TrainingOptions.Usual.LORA;
            case BLOCKWISE -> TrainingOptions.Usual.BLOCKWISE;
        };
    }

    /// @param needed the flag that names a teacher
    /// @throws UsageException where there must be one
    void checkUntaught(String needed) {
        if (train == Extent.BLOCKWISE) {
            throw new UsageException("--train blockwise follows a teacher's stream: it needs " + needed);
        }
    }

    /// How a network is trained.
    ///
    /// @param asking where the teacher's answers come from
    FineTuning.Lesson lesson(TrainingSettings settings, Optional<Teaching> teaching, DType type,
            TextLesson.Answering asking) {
        return switch (train) {
            case FULL -> new TextLesson(settings, teaching, type, Trained::full, asking);
            case PARTIAL ->
                new TextLesson(settings, teaching, type, model -> Trained.partial(model, count()), asking);
            case LORA -> new TextLesson(settings, teaching, type,
                    new Trained.LowRankOf(rank(), alpha(), targets, settings.seed()), asking);
            case BLOCKWISE -> new BlockwiseLesson(settings, teaching.orElseThrow(), type,
                    (dense, smaller) -> MissingLayers.of(dense, smaller).removed());
        };
    }

    /// What is learned, apart from its network.
    PeftAdapter adapter(ModelFile file) {
        return new PeftAdapter(file.checkpoint().path().toAbsolutePath().toString(), rank(), alpha());
    }

    /// What changes, in words.
    String words(DType type) {
        var what = switch (train) {
            case FULL -> "every tensor";
            case PARTIAL -> "the last %d layers and the head".formatted(count());
            case BLOCKWISE -> "each layer behind a gap, to the teacher's stream";
            case LORA -> "matrices of rank %d beside %s, alpha %s".formatted(rank(),
                    targets.isEmpty() ? "those of the layers" : String.join(", ", targets), alpha());
        };
        return what + (type == DType.F32 ? ", float32" : ", bfloat16, weights float32");
    }

    /// The same, to compare with what was typed another time.
    String settings(DType type) {
        var extent = switch (train) {
            case FULL, BLOCKWISE -> "layers=all";
            case PARTIAL -> "layers=" + count();
            case LORA -> "rank=%d, alpha=%s, target=%s".formatted(rank(), alpha(), targets);
        };
        return ", train=%s, %s, dtype=%s".formatted(train, extent, type);
    }
}
