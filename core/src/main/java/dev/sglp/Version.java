package dev.sglp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which sglp this is.
public final class Version {
    private Version() {}

    /// The same with when it was built: what is kept of unfinished work belongs to the code that made it.
    public static String build() {
        var source = Version.class.getProtectionDomain().getCodeSource();
        try {
            return source == null
                    ? current()
                    : "%s of %s".formatted(current(), Files.getLastModifiedTime(Path.of(source.getLocation().toURI())));
        } catch (IOException | URISyntaxException e) {
            return current();
        }
    }

    public static String current() {
        try (var in = Version.class.getResourceAsStream("version.txt")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
