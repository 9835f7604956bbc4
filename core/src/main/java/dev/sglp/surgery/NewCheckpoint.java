package dev.sglp.surgery;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Writes a network whose weights were made here, by training: `config.json`, then `model.safetensors`.
public final class NewCheckpoint {
    private NewCheckpoint() {}

    /// @param directory made where it is missing
    /// @param config    the content of its `config.json`
    /// @throws IOException where it cannot be written, or reads back differently
    public static Path write(Weights weights, Path directory, byte[] config) throws IOException {
        AtomicFile.write(directory.resolve(Surgeon.CONFIG), config);
        var target = directory.resolve(Surgeon.WEIGHTS);
        write(weights.all(), target, Map.of("format", "pt"));
        return target;
    }

    /// Any named tensors, each in its own element type, in one safetensors file.
    public static void write(SequencedMap<String, Tensor> tensors, Path target, Map<String, String> metadata)
            throws IOException {
        var infos = tensors.entrySet().stream().map(e -> new TensorInfo(e.getKey(),
                Tensors.dtype(e.getValue()).orElseThrow(), Tensors.shape(e.getValue()))).toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(target, infos, metadata, name -> Tensors.bytes(tensors.get(name),
                    Tensors.dtype(tensors.get(name)).orElseThrow(), arena));
        }
    }
}
