package dev.sglp.surgery;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Writes a network without some of its layers as a checkpoint of its own, opens what it wrote and proves that it computes
/// the same. Everything is made in a folder aside and moved into place when the proof holds.
///
/// @param file    the checkpoint the layers come from
/// @param weights its weights, as they are now (healed or not)
public record Surgeon(ModelFile file, Weights weights) {
    public static final String WEIGHTS = "model.safetensors";
    public static final String CONFIG = "config.json";
    public static final String PROOF = "proof.safetensors";
    private static final double TOLERANCE = 1e-4;

    /// What was written.
    ///
    /// @param weights           the new checkpoint
    /// @param largestDifference between logits of the network in memory and of the file, on random inputs
    public record Written(Path weights, double largestDifference) {}

    /// @param removed    the layers that go
    /// @param pruned     the same network in memory, to compare with
    /// @param directory  where the files go; made where it is missing
    /// @param documents  further JSON or text files by name, for instance `config.json` and `plan.json`
    /// @throws IOException where it cannot be written, would overwrite its input, or the proof fails
    public Written write(LayerSet removed, LayeredModel pruned, Path directory, Map<String, byte[]> documents)
            throws IOException {
        var target = directory.resolve(WEIGHTS);
        checkOutput(file, directory);
        Files.createDirectories(directory);
        var aside = Files.createTempDirectory(directory, ".sglp-");
        try {
            writeWeights(removed, aside.resolve(WEIGHTS));
            for (var document : documents.entrySet()) {
                AtomicFile.write(aside.resolve(document.getKey()), document.getValue());
            }
            double difference = prove(pruned, aside);
            moveInto(directory, aside);
            return new Written(target, difference);
        } finally {
            clear(aside);
        }
    }

    /// @throws IOException where writing to this directory would overwrite the input; asked before any work is done
    public static void checkOutput(ModelFile file, Path directory) throws IOException {
        var target = directory.resolve(WEIGHTS);
        for (var input : file.checkpoint().weightFiles()) {
            if (Files.exists(target) && Files.isSameFile(target, input)) {
                throw new IOException(
                        "[%s] is the input and would be overwritten. Choose another --out".formatted(target));
            }
        }
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another --out".formatted(directory));
        }
    }

    private void writeWeights(LayerSet removed, Path path) throws IOException {
        var header = file.checkpoint().tensors();
        var old = new LinkedHashMap<String, String>();
        file.architecture().renamed(removed).forEach((from, to) -> {
            if (header.containsKey(from)) {
                old.put(to, from);
            }
        });
        var infos = old.entrySet().stream().map(e -> header.get(e.getValue()).renamed(e.getKey())).toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(path, infos, Map.of("format", "pt"),
                    name -> Tensors.bytes(weights.get(old.get(name)), header.get(old.get(name)).dtype(), arena));
        }
    }

    /// Runs the written file and the network in memory on the same random inputs, and leaves inputs and logits beside the
    /// file, so that others can compare too.
    private double prove(LayeredModel pruned, Path aside) throws IOException {
        try (var _ = Scope.open(); var reopened = ModelFile.open(aside); var loaded = reopened.load()) {
            var inputs = inputs(file.architecture().input());
            var expected = logits(pruned, inputs);
            var got = logits(reopened.architecture().build(loaded), inputs);
            double difference = Tensors.toDoubles(expected.sub(got).abs().max())[0];
            if (!(difference <= TOLERANCE)) {
                throw new IOException(
                        "[%s] the written network differs from the one in memory: logits are up to %.3g apart, expected at most %.0e. Nothing was kept"
                                .formatted(aside.resolve(WEIGHTS), difference, TOLERANCE));
            }
            writeProof(aside.resolve(PROOF), Map.of("input", inputs, "logits", expected));
            return difference;
        }
    }

    private static Tensor inputs(Architecture.Input input) {
        return Seed.of(0).normal("proof", 1, 4, input.channels(), input.height(), input.width());
    }

    private static Tensor logits(LayeredModel model, Tensor inputs) {
        return Autograd.off(() -> model.forward(inputs, Pass.evaluation()));
    }

    private static void writeProof(Path path, Map<String, Tensor> tensors) throws IOException {
        var infos = List.of("input", "logits").stream()
                .map(n -> new TensorInfo(n, DType.F32, Tensors.shape(tensors.get(n)))).toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(path, infos, Map.of("format", "pt"),
                    name -> Tensors.bytes(tensors.get(name), DType.F32, arena));
        }
    }

    /// The weights last: whoever finds them finds the rest.
    private static void moveInto(Path directory, Path aside) throws IOException {
        try (var files = Files.list(aside)) {
            for (var made : files.sorted(java.util.Comparator.comparing(f -> f.endsWith(WEIGHTS))).toList()) {
                Files.move(made, directory.resolve(made.getFileName()), StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void clear(Path aside) throws IOException {
        try (var files = Files.list(aside)) {
            files.forEach(f -> {
                try {
                    Files.delete(f);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        Files.delete(aside);
    }
}
