package dev.sglp.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much memory the process holds.
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

    private static long status(String field) {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(l -> l.startsWith(field)).mapToLong(l -> 1024 * Long.parseLong(l.replaceAll("\\D", "")))
                    .findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
