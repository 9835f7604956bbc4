package dev.sglp.surgery;

import dev.sglp.output.AtomicFile;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// Writes a network whose weights were made here, by training: `config.json`, then the weights.
public final class NewCheckpoint {
    private NewCheckpoint() {}

    /// The same in safetensors.
    public static Path write(Weights weights, Path directory, byte[] config) throws IOException {
        return write(weights, directory, config, OutputFormat.SAFETENSORS);
    }

    /// @param directory made where it is missing
    /// @param config    the content of its `config.json`
    /// @throws IOException where it cannot be written, or reads back differently
    public static Path write(Weights weights, Path directory, byte[] config, OutputFormat format) throws IOException {
        format.checkDirectory(directory);
        AtomicFile.write(directory.resolve(Surgeon.CONFIG), config);
        var target = directory.resolve(format.fileName());
        write(weights.all(), (infos, bytes) -> format.write(target, infos, bytes));
        return target;
    }

    /// Any named tensors, each in its own element type, in one safetensors file.
    public static void write(SequencedMap<String, Tensor> tensors, Path target, Map<String, String> metadata)
            throws IOException {
        write(tensors, (infos, bytes) -> SafeTensorsWriter.write(target, infos, metadata, bytes));
    }

    private interface Writer {
        void write(List<TensorInfo> infos, Function<String, MemorySegment> bytes) throws IOException;
    }

    private static void write(SequencedMap<String, Tensor> tensors, Writer writer) throws IOException {
        var infos = tensors.entrySet().stream().map(e -> new TensorInfo(e.getKey(),
                Tensors.dtype(e.getValue()).orElseThrow(), Tensors.shape(e.getValue()))).toList();
        try (var arena = Arena.ofShared()) {
            writer.write(infos, name -> Tensors.bytes(tensors.get(name),
                    Tensors.dtype(tensors.get(name)).orElseThrow(), arena));
        }
    }
}
