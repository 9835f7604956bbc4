package dev.sglp.ledger;

import dev.sglp.data.Dataset;
import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What long work has finished: one file each, named by a hash of everything the result depends on and written at once under
/// a temporary name. Work that is started again takes what is there.
///
/// @param folder  where the files lie
/// @param context what all results depend on: weights, data
public record Ledger(Path folder, String context) {

    /// Work that may fail to read or write.
    public interface Work<T> {
        T run() throws IOException;
    }

    /// Whether this is already there.
    public boolean has(String kind, String settings) {
        return Files.exists(file(kind, settings));
    }

    /// The finished result, or the work and its result, kept.
    ///
    /// @param kind     one word, begins the file's name
    /// @param settings everything the result depends on besides the context
    /// @throws IOException where a file was damaged from outside: names it
    public <T> T get(String kind, String settings, Class<T> type, Work<T> work) throws IOException {
        var found = find(kind, settings, type);
        if (found.isPresent()) {
            return found.get();
        }
        var result = work.run();
        keep(kind, settings, result);
        return result;
    }

    /// What was kept, where there is something.
    ///
    /// @throws IOException where the file was damaged from outside: names it
    public <T> Optional<T> find(String kind, String settings, Class<T> type) throws IOException {
        var file = file(kind, settings);
        return Files.exists(file) ? Optional.of(Json.read(file, type, "a finished part")) : Optional.empty();
    }

    /// Keeps a result, in the place of what was kept before.
    public void keep(String kind, String settings, Object result) throws IOException {
        Json.write(result, file(kind, settings));
    }

    public void drop(String kind, String settings) throws IOException {
        Files.deleteIfExists(file(kind, settings));
    }

    private Path file(String kind, String settings) {
        return folder.resolve("%s-%s.json".formatted(kind, hash(context + "\n" + settings)));
    }

    /// 64 bits of SHA-256 in hexadecimal.
    public static String hash(String text) {
        return Dataset.digest(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }
}
