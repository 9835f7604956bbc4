package dev.sglp.family;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A checkpoint whose architecture is known from its header: no weights are read and libtorch is not loaded. It owns the
/// open checkpoint.
///
/// @param checkpoint   the open file
/// @param architecture what it holds
public record ModelFile(Checkpoint checkpoint, Architecture architecture) implements AutoCloseable {
    private static final long MOST_CONFIG_BYTES = 1 << 20;

    /// @throws IOException where the file cannot be read or no family knows it
    public static ModelFile open(Path path) throws IOException {
        var checkpoint = Checkpoints.open(path);
        try {
            return new ModelFile(checkpoint, Families.of(checkpoint, configBeside(checkpoint.path())));
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /// The `config.json` in the file's directory, or nothing where there is none.
    private static Map<String, Object> configBeside(Path file) throws IOException {
        var config = file.resolveSibling("config.json");
        if (!Files.isRegularFile(config)) {
            return Map.of();
        }
        if (Files.size(config) > MOST_CONFIG_BYTES) {
            throw new IOException("[%s] has %d bytes, expected at most %d of JSON".formatted(config, Files.size(config),
                    MOST_CONFIG_BYTES));
        }
        try {
            return Optional
                    .ofNullable(new ObjectMapper().readValue(config.toFile(), new TypeReference<Map<String, Object>>() {
                    })).orElseThrow(
                            () -> new IOException("[%s] holds 'null', expected a JSON object".formatted(config)));
        } catch (CharConversionException e) {
            throw new IOException("[%s] is not UTF-8: %s".formatted(config, e.getMessage()), e);
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw new IOException("[%s] is not a JSON object: %s".formatted(config, e.getOriginalMessage()), e);
        }
    }

    /// Reads the weights; the caller closes them.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public Weights load() throws IOException {
        return Weights.load(checkpoint);
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
