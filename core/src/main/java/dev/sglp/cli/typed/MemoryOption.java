package dev.sglp.cli.typed;

import dev.sglp.Recipe;
import dev.sglp.checkpoint.Weights;
import dev.sglp.evaluation.Memory;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.RandomChoice;
import dev.sglp.importance.letter.Letter;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import dev.sglp.report.Human;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How much memory a network may take.
public final class MemoryOption {
    @Option(names = "--memory", paramLabel = "BYTES", description = "language models: what weights, activations and scratch may take together, for instance 6g, 300m (binary, as 6GiB is) or 6GB (the runtime comes on top); where all layers do not fit, they are read from the file as they are needed (default: what the machine has free)")
    private @Nullable String memory;

    public MemoryOption() {}

    /// @param tokens   most of a forward pass; 0 where a network reads none
    /// @param together those of all calibration data where they go in one pass; 0 where they do not
    public record Passes(long tokens, long together) {
        public static final Passes NONE = new Passes(0, 0);
    }

    /// The file within that memory; where nobody says, with less than is free if it asks for more.
    ///
    /// @param passes what data ask of it
    /// @throws UsageException where it is no size, or the network does not fit even layer by layer; says what would
    public ModelFile of(ModelFile file, Passes passes) {
        if (!file.architecture().streams()) {
            if (memory != null) {
                throw new UsageException("--memory is for language models; [%s] is a %s".formatted(
                        file.checkpoint().path(), file.architecture().description()));
            }
            return file;
        }
        var asking = file.asking(passes.tokens, passes.together);
        var within = asking
                .within(memory == null ? Math.max(Memory.availableBytes(), Streaming.least(asking)) : bytes(memory));
        Streaming.of(within);
        return within;
    }

    /// What was typed.
    public OptionalLong typed() {
        return memory == null ? OptionalLong.empty() : OptionalLong.of(bytes(memory));
    }

    /// Bytes that scores need besides layers.
    ///
    /// @param copied    stem and head in bfloat16
    /// @param gradients what goes back through the head
    /// @param drawn     random weights, and what the paper's sentence keeps of its passes
    private record Need(Criterion criterion, long copied, long gradients, long drawn) {
        static Need of(Streaming streaming, Recipe recipe) {
            var criterion = recipe.method().criterion(recipe.criterion());
            return switch (recipe.compute().dtype()) {
                case FLOAT32 -> exact(streaming, criterion);
                case BFLOAT16 -> narrow(streaming, criterion);
                case AUTO -> !criterion.in(Precision.BFLOAT16).equals(criterion)
                        && holdsNarrow(streaming.file(), criterion)
                                ? narrow(streaming, criterion)
                                : exact(streaming, criterion);
            };
        }

        static Need exact(Streaming streaming, Criterion criterion) {
            return new Need(criterion, 0,
                    criterion instanceof GradNorm || criterion instanceof Letter ? streaming.gradients() : 0,
                    MemoryOption.drawn(streaming.file(), criterion));
        }

        /// In float32, and then in bfloat16.
        static Need narrow(Streaming streaming, Criterion criterion) {
            var exact = exact(streaming, criterion);
            return new Need(criterion, streaming.narrowEnds(), exact.gradients, exact.drawn + exact.drawn / 2);
        }

        long all() {
            return copied + gradients + drawn;
        }
    }

    /// Whether sets of layers can be scored in bfloat16 too.
    public static boolean holdsNarrow(ModelFile file, Criterion criterion) {
        return Streaming.holdsNarrow(file, Streaming.of(file)
                .map(streaming -> Need.narrow(streaming, criterion)).map(need -> need.gradients + need.drawn)
                .orElse(0L));
    }

    /// The file, of which no more layers are in memory at a time than leave what scores need.
    public static ModelFile sparing(ModelFile file, Recipe recipe) {
        return Streaming.of(file).map(streaming -> file.sparing(Need.of(streaming, recipe).all())).orElse(file);
    }

    /// Tells where layers are read as they are needed.
    ///
    /// @throws UsageException where something else needs more than that leaves
    public static void explain(ModelFile file, Recipe recipe, Progress progress) {
        Streaming.of(file).ifPresent(streaming -> {
            var need = Need.of(streaming, recipe);
            if (need.copied > streaming.spare()) {
                throw new UsageException(
                        "--dtype copies stem and head, which takes %,d bytes, and --memory leaves %,d. Raise it, or leave --dtype out"
                                .formatted(need.copied, streaming.spare()));
            }
            if (need.gradients > streaming.spare()) {
                throw new UsageException(
                        "criterion '%s' goes back through the head, which takes up to %,d bytes, and --memory leaves %,d. Raise it, or use another --criterion, for instance kl"
                                .formatted(need.criterion.name(), need.gradients, streaming.spare()));
            }
            if (need.drawn > 0 && need.all() > streaming.spare()) {
                throw new UsageException(
                        "criterion '%s' draws weights anew, which take up to %,d bytes with what goes back through the head, and --memory leaves %,d. Use another --criterion, for instance kl or gradnorm-skip"
                                .formatted(need.criterion.name(), need.all(), streaming.spare()));
            }
        });
        explain(file, progress);
    }

    /// The same where nothing is scored.
    public static void explain(ModelFile file, Progress progress) {
        Streaming.of(file).ifPresent(streaming -> progress.say(
                "%s The runtime has taken %s so far, which come on top.".formatted(streaming.words(),
                        Human.bytes(Memory.residentBytes()))));
    }

    /// Tells what was read and taken where layers are read as they are needed.
    public static void taken(ModelFile file, Weights weights, Progress progress) {
        Streaming.told(file, weights)
                .ifPresent(told -> progress.say("%s The process took %s at the most, the runtime's own with it."
                        .formatted(told, Human.bytes(Memory.peakResidentBytes()))));
    }

    /// Bytes of what is drawn anew at a time: the largest layer, and with the paper's sentence the ends too.
    private static long drawn(ModelFile file, Criterion criterion) {
        if (!criterion.drawsWeights() || criterion instanceof RandomChoice) {
            return 0;
        }
        long layer = file.architecture().layers().stream().mapToLong(one -> one.cost().parameters()).max().orElse(0);
        return Float.BYTES * (layer + (criterion.comparesOneSize() ? ends(file) : 0));
    }

    /// Numbers of the random ends, a table that is tied to the head twice, and of what the paper's sentence keeps of a pass of two batches: what
    /// each layer gives.
    private static long ends(ModelFile file) {
        var architecture = file.architecture();
        long all = architecture.ends().stream().mapToLong(Architecture.Cost::parameters).sum();
        long tied = architecture.tied() ? architecture.ends().getFirst().parameters() : 0;
        long width = architecture.layers().stream().mapToLong(one -> one.output().getLast()).max().orElse(1);
        return all + tied + 2 * (architecture.layers().size() + 1) * file.tokens() * width;
    }

    /// As {@link ByteSize}, in letters of any case; a unit without its `B` is binary, as Java's and Docker's are.
    public static long bytes(String typed) {
        var text = typed.strip().toLowerCase(Locale.ROOT).replaceFirst("b$", "B").replaceFirst("([kmgt])$", "$1iB");
        return ByteSize.of(text).orElseThrow(() -> new UsageException(
                "--memory is a number of bytes, for instance 6g or 300m, got '%s'".formatted(typed)));
    }
}
