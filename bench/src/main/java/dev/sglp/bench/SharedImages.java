package dev.sglp.bench;

import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.data.image.ImageSet;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// What both sides look at, for PyTorch.
final class SharedImages {
    private SharedImages() {}

    /// A safetensors file with `images`, `labels` and what stands beside them.
    static void write(Path file, ImageSet images, SequencedMap<String, Tensor> beside) throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        var batch = images.batch(0, images.size());
        tensors.put("images", batch.inputs());
        tensors.put("labels", batch.targets());
        tensors.putAll(beside);
        var infos = new ArrayList<TensorInfo>();
        tensors.forEach((name, t) -> infos.add(new TensorInfo(name, type(t), Tensors.shape(t))));
        SafeTensorsWriter.write(file, infos, Map.of(),
                name -> Tensors.bytes(tensors.get(name), type(tensors.get(name)), Arena.ofAuto()));
    }

    /// The tensors of these layers, each drawn anew as GradNorm does.
    static SequencedMap<String, Tensor> random(LayeredModel model, List<LayerSet> single, long seed) {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var set : single) {
            var random = model.layers().get(set.indices().getFirst()).reinitialised(Seed.of(seed).draw(0));
            tensors.putAll(random.parameters());
            tensors.putAll(random.buffers());
        }
        return tensors;
    }

    private static DType type(Tensor tensor) {
        return Tensors.dtype(tensor).orElseThrow();
    }
}
