package dev.sglp.checkpoint;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// The tensors of one model, by their names in the checkpoint. It owns them until {@link #close}; whoever asks gets a view.
public final class Weights implements AutoCloseable {
    private final String source;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    private Weights(String source) {
        this.source = source;
    }

    /// Copies every tensor of a checkpoint into memory of its own, in the type it has there.
    ///
    /// @throws IOException where the file contradicts its header
    public static Weights load(Checkpoint checkpoint) throws IOException {
        var weights = new Weights(checkpoint.path().toString());
        for (var info : checkpoint.tensors().values()) {
            var bytes = checkpoint.read(info.name());
            weights.tensors.put(info.name(),
                    Scope.yieldOwned(() -> Tensors.over(bytes, info.dtype(), info.shape()).clone()));
        }
        return weights;
    }

    /// Takes over tensors made elsewhere, for instance freshly initialised ones.
    public static Weights of(String source, SequencedMap<String, Tensor> tensors) {
        var weights = new Weights(source);
        tensors.forEach((name, tensor) -> weights.tensors.put(name, Scope.own(tensor)));
        return weights;
    }

    /// A copy that can be changed without changing this one.
    public Weights copy() {
        var copy = new Weights(source);
        tensors.forEach((name, tensor) -> copy.tensors.put(name, Scope.yieldOwned(() -> tensor.detach().clone())));
        return copy;
    }

    /// The tensor of this name.
    ///
    /// @throws IllegalArgumentException where there is none
    public Tensor get(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("[%s] has no tensor '%s'".formatted(source, name));
        }
        return tensor;
    }

    public SequencedMap<String, Tensor> all() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    @Override
    public void close() {
        tensors.values().forEach(Scope::free);
        tensors.clear();
    }
}
