package dev.sglp.evaluation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// On what machine, when and where numbers were made.
///
/// @param cpu          what the system calls the processor; else its architecture
/// @param logicalCores of the machine, as far as the process may use them
/// @param threads      that libtorch computed with
/// @param memoryBytes  of the machine; 0 where the system does not say
/// @param os           name, version and architecture of the system
/// @param java         version of the Java runtime
/// @param libtorch     its version; absent where it is not known
/// @param started      when the process began, an instant of ISO 8601 in whole seconds
/// @param directory    the working directory, by which relative paths of the command are read
public record Machine(String cpu, int logicalCores, int threads, long memoryBytes, String os, String java,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String libtorch, String started, String directory) {

    /// This one.
    ///
    /// @param threads that libtorch computes with
    public static Machine here(int threads) {
        var started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
        return new Machine(field("/proc/cpuinfo", "model name").orElseGet(() -> System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(), threads,
                field("/proc/meminfo", "MemTotal").map(m -> 1024 * Long.parseLong(m.replaceAll("\\D", ""))).orElse(0L),
                "%s %s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version"),
                        System.getProperty("os.arch")),
                System.getProperty("java.version"), libtorchVersion(),
                started.truncatedTo(ChronoUnit.SECONDS).toString(), Path.of("").toAbsolutePath().toString());
    }

    /// Of the jar, `2.10.0-1.5.13`, without the part that counts its own changes; nothing is loaded for it.
    private static @Nullable String libtorchVersion() {
        var version = torch.class.getPackage().getImplementationVersion();
        return version == null ? null : version.replaceFirst("-.*", "");
    }

    /// The first line `name : value`.
    private static Optional<String> field(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(l -> l.startsWith(name) && l.indexOf(':') > 0)
                    .map(l -> l.substring(l.indexOf(':') + 1).strip()).filter(v -> !v.isEmpty()).findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
