package dev.sglp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Numbers that PyTorch made (`tools/make_oracles.py`), and where the real files are.
public final class Oracle {
    private Oracle() {}

    /// A fixture of `oracle/`.
    public static Path file(String name) {
        try {
            return Path.of(Oracle.class.getResource("/oracle/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(file(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Weights weights(String name) {
        try (var checkpoint = Checkpoints.open(file(name))) {
            return Weights.forTraining(checkpoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file of the folder that `SGLP_TEST_DATA` names; tests that use it are skipped where it is not set.
    public static Path real(String name) {
        var folder = System.getenv("SGLP_TEST_DATA");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                folder != null && !folder.isBlank() && Files.exists(Path.of(folder, name)),
                "SGLP_TEST_DATA names no folder with " + name);
        return Path.of(folder, name);
    }

    public static double[] doubles(JsonNode array) {
        return IntStream.range(0, array.size()).mapToDouble(i -> array.get(i).asDouble()).toArray();
    }

    /// Tensors as a data set, item by item.
    public record Items(Tensor inputs, Tensor targets, List<String> classes) implements Dataset {
        @Override
        public String name() {
            return "fixture";
        }

        @Override
        public int size() {
            return Math.toIntExact(inputs.size(0));
        }

        @Override
        public Batch batch(int from, int to) {
            return new Batch(inputs.narrow(0, from, to - from).clone(), targets.narrow(0, from, to - from).clone());
        }

        @Override
        public List<String> itemHashes() {
            return IntStream.range(0, size()).mapToObj(i -> "item " + i).toList();
        }
    }
}
