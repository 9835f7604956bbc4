package dev.sglp.cli.typed;

import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Where a JSON record goes.
public enum JsonTarget {
    /// `-`, `/dev/stdout` or what leads there.
    STANDARD_OUTPUT,
    /// A device, a pipe, or another file that is open already: written to, not replaced.
    STREAM,
    /// Replaced as a whole.
    FILE;

    private static final int MOST_LINKS = 40;

    /// Follows links one by one: the file behind `/dev/stdout` may be a regular one.
    public static JsonTarget of(Path json) {
        if (json.toString().equals("-")) {
            return STANDARD_OUTPUT;
        }
        var path = json.toAbsolutePath().normalize();
        for (int i = 0; i < MOST_LINKS; i++) {
            if (path.startsWith("/proc")) {
                return path.endsWith("fd/1") ? STANDARD_OUTPUT : STREAM;
            }
            if (!Files.isSymbolicLink(path)) {
                break;
            }
            try {
                path = path.resolveSibling(Files.readSymbolicLink(path)).normalize();
            } catch (IOException _) {
                break; // whoever writes there will say why
            }
        }
        return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path) ? STREAM : FILE;
    }

    /// @throws OutputException where it takes no more
    public static void stream(Path json, String text) throws OutputException {
        try {
            Files.writeString(json, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s".formatted(json, Reason.of(e)), e);
        }
    }
}
