package dev.sglp.surgery;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.FreshNetwork;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;

/// Writes a network that came from no file: `config.json`, then `model.safetensors`.
public final class NewCheckpoint {
    private NewCheckpoint() {}

    /// @param directory made where it is missing
    /// @param config    the content of its `config.json`
    /// @throws IOException where it cannot be written, or reads back differently
    public static Path write(FreshNetwork network, Path directory, byte[] config) throws IOException {
        var tensors = network.weights().all();
        var infos = tensors.entrySet().stream().map(e -> new TensorInfo(e.getKey(),
                Tensors.dtype(e.getValue()).orElseThrow(), Tensors.shape(e.getValue()))).toList();
        AtomicFile.write(directory.resolve(Surgeon.CONFIG), config);
        var target = directory.resolve(Surgeon.WEIGHTS);
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(target, infos, Map.of("format", "pt"), name -> Tensors.bytes(tensors.get(name),
                    Tensors.dtype(tensors.get(name)).orElseThrow(), arena));
        }
        return target;
    }
}
