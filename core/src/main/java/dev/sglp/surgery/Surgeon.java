package dev.sglp.surgery;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.OutputException;
import dev.sglp.checkpoint.OutputFormat;
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
/// @param format  what is written
public record Surgeon(ModelFile file, Weights weights, OutputFormat format) {
    public static final String WEIGHTS = OutputFormat.SAFETENSORS.fileName();
    public static final String CONFIG = "config.json";
    public static final String PROOF = "proof.safetensors";
    private static final double TOLERANCE = 1e-4;
    private static final int MOST_TOKENS = 16;

    /// Writes safetensors.
    public Surgeon(ModelFile file, Weights weights) {
        this(file, weights, OutputFormat.SAFETENSORS);
    }

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
        if (file.architecture().readsText()) {
            return new DirectorySurgeon(file, ShardedWriter.SHARD_BYTES).write(removed, pruned, directory, documents);
        }
        var target = directory.resolve(format.fileName());
        checkOutput(file, directory, format);
        var aside = aside(directory);
        try {
            writeWeights(removed, aside.resolve(format.fileName()));
            for (var document : documents.entrySet()) {
                AtomicFile.write(aside.resolve(document.getKey()), document.getValue());
            }
            double difference = prove(file, pruned, aside.resolve(format.fileName()), aside);
            moveInto(directory, aside);
            return new Written(target, difference);
        } finally {
            clear(aside);
        }
    }

    private static void checkFormat(OutputFormat format) {
        if (format != OutputFormat.SAFETENSORS) {
            throw new IllegalArgumentException(
                    "--format %s is for image networks; language models are written as safetensors".formatted(
                            format.name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    private static Path aside(Path directory) throws OutputException {
        try {
            Files.createDirectories(directory);
            return Files.createTempDirectory(directory, ".sglp-");
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s. Choose another --out".formatted(directory, e), e);
        }
    }

    /// @throws IOException where writing to this directory would overwrite the input; asked before any work is done
    public static void checkOutput(ModelFile file, Path directory, OutputFormat format) throws IOException {
        if (file.architecture().readsText()) {
            checkFormat(format);
            OutputFolder.checkFree(directory);
        }
        var target = directory.resolve(format.fileName());
        for (var input : file.checkpoint().weightFiles()) {
            if (Files.exists(target) && Files.isSameFile(target, input)) {
                throw new IOException(
                        "[%s] is the input and would be overwritten. Choose another --out".formatted(target));
            }
        }
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another --out".formatted(directory));
        }
        var home = file.checkpoint().path().toAbsolutePath().getParent();
        if (Files.exists(directory) && Files.isSameFile(directory, home)) {
            throw new IOException(
                    "[%s] is the input's own folder, whose config.json would no longer describe it. Choose another --out"
                            .formatted(directory));
        }
        format.checkDirectory(directory);
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
            format.write(path, infos,
                    name -> Tensors.bytes(weights.get(old.get(name)), header.get(old.get(name)).dtype(), arena));
        }
    }

    /// Runs the written file and the network in memory on the same random inputs, and leaves inputs and logits beside the
    /// file, so that others can compare too.
    ///
    /// @param written what opens as the new model
    /// @param aside   where the inputs and logits go
    static double prove(ModelFile file, LayeredModel pruned, Path written, Path aside) throws IOException {
        try (var _ = Scope.open(); var reopened = ModelFile.open(written); var loaded = reopened.load()) {
            var inputs = inputs(file.architecture().input());
            var expected = logits(pruned, inputs);
            var got = logits(reopened.architecture().build(loaded), inputs);
            double difference = Tensors.toDoubles(expected.sub(got).abs().max())[0];
            if (!(difference <= TOLERANCE)) {
                throw new IOException(
                        "[%s] the written network differs from the one in memory: logits are up to %.3g apart, expected at most %.0e. Nothing was kept"
                                .formatted(written, difference, TOLERANCE));
            }
            writeProof(aside.resolve(PROOF), Map.of("input", inputs, "logits", expected));
            return difference;
        }
    }

    private static Tensor inputs(Architecture.Input input) {
        return switch (input) {
            case Architecture.Input.Image image ->
                Seed.of(0).normal("proof", 1, 4, image.channels(), image.height(), image.width());
            case Architecture.Input.Text text -> {
                int window = Math.min(text.window(), MOST_TOKENS);
                var random = Seed.of(0).generator("proof");
                yield Tensors.longs(random.longs(window, 0, text.vocabulary()).toArray()).view(1, window);
            }
        };
    }

    private static Tensor logits(LayeredModel model, Tensor inputs) {
        return Autograd.off(() -> model.forward(inputs, Pass.evaluation()));
    }

    private static void writeProof(Path path, Map<String, Tensor> tensors) throws IOException {
        var infos = List.of("input", "logits").stream()
                .map(n -> new TensorInfo(n, stored(tensors.get(n)), Tensors.shape(tensors.get(n)))).toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(path, infos, Map.of("format", "pt"),
                    name -> Tensors.bytes(tensors.get(name), stored(tensors.get(name)), arena));
        }
    }

    private static DType stored(Tensor tensor) {
        return Tensors.dtype(tensor).filter(t -> !t.floating()).orElse(DType.F32);
    }

    /// The weights last: whoever finds them finds the rest.
    private void moveInto(Path directory, Path aside) throws IOException {
        try (var files = Files.list(aside)) {
            for (var made : files.sorted(java.util.Comparator.comparing(f -> f.endsWith(format.fileName()))).toList()) {
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
