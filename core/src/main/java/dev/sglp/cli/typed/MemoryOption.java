package dev.sglp.cli.typed;

import dev.sglp.evaluation.Memory;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.RandomChoice;
import dev.sglp.progress.Progress;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How much memory a network may take.
public final class MemoryOption {
    private static final Map<Character, Integer> UNITS = Map.of('k', 10, 'm', 20, 'g', 30, 't', 40);

    @Option(names = "--memory", paramLabel = "BYTES", description = "language models: what weights, activations and scratch may take together, for instance 6g or 300m (the runtime comes on top); where all layers do not fit, they are read from the file as they are needed (default: what the machine has free)")
    private @Nullable String memory;

    public MemoryOption() {}

    /// The file within that memory; where nobody says, with less than is free if it asks for more.
    ///
    /// @throws UsageException where it is no size, or the network does not fit even layer by layer; says what would
    public ModelFile of(ModelFile file) {
        if (!file.architecture().streams()) {
            if (memory != null) {
                throw new UsageException("--memory is for language models; [%s] is a %s".formatted(
                        file.checkpoint().path(), file.architecture().description()));
            }
            return file;
        }
        var within = file
                .within(memory == null ? Math.max(Memory.availableBytes(), Streaming.least(file)) : bytes(memory));
        Streaming.of(within);
        return within;
    }

    /// Tells where layers are read as they are needed.
    ///
    /// @param criterion that scores
    /// @throws UsageException where something else needs more than that leaves
    public static void explain(ModelFile file, Criterion criterion, Given given, Progress progress) {
        Streaming.of(file).ifPresent(streaming -> {
            given.refuse("computes on weights that are all in memory, and within --memory they are not", "--dtype");
            long drawn = drawn(file, criterion);
            if (drawn > streaming.spare()) {
                throw new UsageException(
                        "criterion '%s' draws layers anew, which take up to %,d bytes, and --memory leaves %,d. Use another --criterion, for instance kl or gradnorm-skip"
                                .formatted(criterion.name(), drawn, streaming.spare()));
            }
        });
        explain(file, progress);
    }

    /// The same where nothing is scored.
    public static void explain(ModelFile file, Progress progress) {
        Streaming.of(file).ifPresent(streaming -> progress.say(streaming.words()));
    }

    /// Bytes of the layers that are drawn anew: all of them at the most, and with the paper's sentence the ends too.
    private static long drawn(ModelFile file, Criterion criterion) {
        if (!criterion.drawsWeights() || criterion instanceof RandomChoice) {
            return 0;
        }
        var architecture = file.architecture();
        return Float.BYTES * (criterion.comparesOneSize()
                ? architecture.parameters()
                : architecture.layers().stream().mapToLong(layer -> layer.cost().parameters()).sum());
    }

    static long bytes(String typed) {
        var text = typed.strip().toLowerCase(Locale.ROOT).replaceFirst("i?b$", "");
        if (text.matches("\\d+(\\.\\d+)?[kmgt]?")) {
            char last = text.charAt(text.length() - 1);
            boolean unit = UNITS.containsKey(last);
            double number = Double.parseDouble(unit ? text.substring(0, text.length() - 1) : text);
            double all = number * (1L << (unit ? UNITS.get(last) : 0));
            if (all >= 1 && all < Long.MAX_VALUE) {
                return (long) all;
            }
        }
        throw new UsageException("--memory is a number of bytes, for instance 6g or 300m, got '%s'".formatted(typed));
    }
}
