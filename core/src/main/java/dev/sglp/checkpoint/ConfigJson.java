package dev.sglp.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.sglp.output.ByteOrderMark;
import dev.sglp.output.JsonDamage;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// The `config.json` of a directory, and what lies beside it.
final class ConfigJson {
    private static final long MOST_BYTES = 1 << 20;

    private ConfigJson() {}

    /// Its content, or nothing where the directory has none.
    static SequencedMap<String, Object> in(Path directory) throws IOException {
        return in(directory, HuggingFaceDirectory.CONFIG);
    }

    /// The same of another file.
    static SequencedMap<String, Object> in(Path directory, String name) throws IOException {
        var file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            return new LinkedHashMap<>();
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(
                    "[%s] has %d bytes, expected at most %d of JSON".formatted(file, Files.size(file), MOST_BYTES));
        }
        try {
            return Optional.ofNullable(
                    new ObjectMapper().readValue(ByteOrderMark.without(file),
                            new TypeReference<LinkedHashMap<String, Object>>() {
                            }))
                    .orElseThrow(() -> new IOException("[%s] holds 'null', expected a JSON object".formatted(file)));
        } catch (CharConversionException e) {
            throw new IOException("[%s] is not UTF-8: %s".formatted(file, e.getMessage()), e);
        } catch (MismatchedInputException e) {
            throw new IOException("[%s] is not a JSON object: it is empty, or does not begin with '{'".formatted(file),
                    e);
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not a JSON object: %s".formatted(file, JsonDamage.of(e)), e);
        }
    }
}
