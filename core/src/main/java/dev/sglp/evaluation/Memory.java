package dev.sglp.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How much memory the process holds, and how much more there is.
public final class Memory {
    private Memory() {}

    /// The most resident memory the process had so far, bytes; 0 where the system does not say.
    public static long peakResidentBytes() {
        return status("VmHWM:");
    }

    /// Makes the peak what is resident now.
    ///
    /// @return whether the system can
    public static boolean resetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// The resident memory now, bytes; 0 where the system does not say.
    public static long residentBytes() {
        return status("VmRSS:");
    }

    /// What the system gives without taking it from others, at most what a container may have; as much as there can be where nobody
    /// says.
    public static long availableBytes() {
        return Math.min(kibibytes("/proc/meminfo", "MemAvailable:").orElse(Long.MAX_VALUE),
                number("/sys/fs/cgroup/memory.max", "").orElse(Long.MAX_VALUE));
    }

    private static long status(String field) {
        return kibibytes("/proc/self/status", field).orElse(0);
    }

    private static OptionalLong kibibytes(String file, String field) {
        return number(file, field).stream().map(kib -> 1024 * kib).findFirst();
    }

    /// That of the first line that begins so and has one.
    private static OptionalLong number(String file, String begins) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(begins)).map(line -> line.replaceAll("\\D", ""))
                    .filter(digits -> !digits.isEmpty()).mapToLong(Long::parseLong).findFirst();
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
