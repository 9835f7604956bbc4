package dev.sglp.training.gradient;

import dev.sglp.model.Layer;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Sums of the gradients of one layer's tensors, float32, in the scope it was made in.
public final class LayerGradients {
    private final Layer computing;
    private final Accumulator sums;

    /// @param type what is computed in: float32, or another on rounded copies of the weights
    public LayerGradients(Layer layer, DType type) {
        var copies = new HashMap<Long, List<Tensor>>();
        computing = type == DType.F32 ? layer : layer.mapped(tensor -> Autograd.off(() -> {
            var copy = tensor.detach().to(Tensors.scalarType(type));
            copies.put(Tensors.identity(tensor), List.of(copy));
            return copy;
        }));
        sums = new Accumulator(layer.parameters(), type == DType.F32 ? Map.of() : copies, Optional.empty());
    }

    /// The layer to compute with.
    public Layer computing() {
        return computing;
    }

    public void add(SequencedMap<String, Tensor> named, List<Gradient> gradients) {
        sums.add(named, gradients);
    }

    /// In the order of the layer's tensors.
    public Tensor[] all() {
        return sums.all();
    }
}
