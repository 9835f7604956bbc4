package dev.sglp.surgery;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.output.AtomicFile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// Writes a network whose weights were made here, by training: `config.json`, then the weights.
public final class NewCheckpoint {
    private NewCheckpoint() {}

    /// The same in safetensors.
    public static Path write(Weights weights, Path directory, byte[] config) throws IOException {
        return write(weights, directory, config, OutputFormat.SAFETENSORS, Map.of());
    }

    /// @param directory made where it is missing
    /// @param config    the content of its `config.json`
    /// @param types     of tensors that are not written in the element type they have
    /// @throws IOException where it cannot be written, or reads back differently
    public static Path write(Weights weights, Path directory, byte[] config, OutputFormat format,
            Map<String, DType> types) throws IOException {
        return write(weights.all(), directory, config, format, types);
    }

    /// The same of tensors that somebody else owns, as safetensors.
    public static Path write(SequencedMap<String, Tensor> tensors, Path directory, byte[] config,
            Map<String, DType> types) throws IOException {
        return write(tensors, directory, config, OutputFormat.SAFETENSORS, types);
    }

    private static Path write(SequencedMap<String, Tensor> tensors, Path directory, byte[] config,
            OutputFormat format, Map<String, DType> types) throws IOException {
        format.checkDirectory(directory);
        var beside = directory.resolve(Surgeon.CONFIG);
        var before = Files.exists(beside) ? Optional.of(Files.readAllBytes(beside)) : Optional.<byte[]>empty();
        AtomicFile.write(beside, config);
        var target = directory.resolve(format.fileName());
        try {
            write(tensors, types, (infos, bytes) -> format.write(target, infos, bytes));
        } catch (IOException | RuntimeException e) {
            putBack(beside, before, e);
            throw e;
        }
        return target;
    }

    /// Without its weights a configuration says nothing, or something else of those that lie there.
    private static void putBack(Path config, Optional<byte[]> before, Exception failure) {
        try {
            if (before.isPresent()) {
                AtomicFile.write(config, before.get());
            } else {
                Files.deleteIfExists(config);
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /// Any named tensors, each in its own element type, in one safetensors file.
    public static void write(SequencedMap<String, Tensor> tensors, Path target, Map<String, String> metadata)
            throws IOException {
        write(tensors, Map.of(), (infos, bytes) -> SafeTensorsWriter.write(target, infos, metadata, bytes));
    }

    /// Memory for one tensor's bytes at a time.
    private static final class OneTensor implements AutoCloseable {
        private Arena arena = Arena.ofShared();

        /// Frees the one before.
        Arena next() {
            arena.close();
            arena = Arena.ofShared();
            return arena;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private interface Writer {
        void write(List<TensorInfo> infos, Function<String, MemorySegment> bytes) throws IOException;
    }

    private static void write(SequencedMap<String, Tensor> tensors, Map<String, DType> types, Writer writer)
            throws IOException {
        var infos = new LinkedHashMap<String, TensorInfo>();
        tensors.forEach((name, tensor) -> infos.put(name,
                new TensorInfo(name, Optional.ofNullable(types.get(name)).or(() -> Tensors.dtype(tensor)).orElseThrow(),
                        Tensors.shape(tensor))));
        try (var last = new OneTensor()) {
            writer.write(List.copyOf(infos.values()),
                    name -> Tensors.bytes(tensors.get(name), infos.get(name).dtype(), last.next()));
        }
    }
}
