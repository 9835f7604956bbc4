package dev.sglp.family.encoder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/// Small JSON files beside a network.
final class Beside {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long MOST_BYTES = 1 << 20;

    private Beside() {}

    static LinkedHashMap<String, Object> object(Path file) throws IOException {
        return read(file, new TypeReference<>() {
        });
    }

    static List<LinkedHashMap<String, Object>> list(Path file) throws IOException {
        return read(file, new TypeReference<>() {
        });
    }

    private static <T> T read(Path file, TypeReference<T> type) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("[%s] is missing, and modules.json names it".formatted(file));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("[%s] has %,d bytes, expected a small JSON file".formatted(file, Files.size(file)));
        }
        try {
            var found = JSON.readValue(file.toFile(), type);
            if (found == null) {
                throw new IOException("[%s] says nothing".formatted(file));
            }
            return found;
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not the JSON that is expected: %s".formatted(file, e.getOriginalMessage()),
                    e);
        }
    }

    /// The path of a module, which stays inside its directory.
    static String inside(ConfigFields module, String path) throws IOException {
        if (!path.matches("[\\w-][\\w.-]*")) {
            throw module.wrong("path", "a folder of this directory", path);
        }
        return path;
    }
}
