package dev.sglp.cli.typed;

import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /// The file within that memory.
    ///
    /// @throws UsageException where it is no size, or the network does not fit even layer by layer; says what would
    public ModelFile of(ModelFile file) {
        long most = memory == null ? free() : bytes(memory);
        if (memory != null && !file.architecture().directory()) {
            throw new UsageException("--memory is for language models; [%s] is a %s".formatted(file.checkpoint().path(),
                    file.architecture().description()));
        }
        var within = file.within(most);
        Streaming.of(within);
        return within;
    }

    /// Tells where layers are read as they are needed.
    ///
    /// @throws UsageException where another flag needs all of them in memory
    public static void explain(ModelFile file, Given given, Progress progress) {
        Streaming.of(file).ifPresent(streaming -> {
            given.refuse("computes on weights that are all in memory, and within --memory they are not", "--dtype");
            progress.say(streaming.words());
        });
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

    /// What the system gives without taking it from others; everything where it does not say.
    private static long free() {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))).findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException _) {
            return Long.MAX_VALUE;
        }
    }
}
