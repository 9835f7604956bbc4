package dev.sglp.checkpoint;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The tensors of one model, by their names in the checkpoint. It owns them until {@link #close}; whoever asks gets a view.
public final class Weights implements AutoCloseable {
    private final String source;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    private Weights(String source) {
        this.source = source;
    }

    /// Copies every tensor of a checkpoint into memory of its own; floating-point tensors become float32.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public static Weights load(Checkpoint checkpoint) throws IOException {
        var weights = new Weights(checkpoint.path().toString());
        try {
            for (var info : checkpoint.tensors().values()) {
                weights.tensors.put(info.name(), read(checkpoint, info));
            }
            return weights;
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static Tensor read(Checkpoint checkpoint, TensorInfo info) throws IOException {
        var bytes = checkpoint.read(info.name());
        var tensor = Scope.yieldOwned(() -> {
            var stored = Tensors.over(bytes, info.dtype(), info.shape());
            return info.dtype().floating() ? stored.to(ScalarType.Float).clone() : stored.clone();
        });
        if (info.dtype().floating() && !finite(tensor)) {
            Scope.free(tensor);
            throw new IOException(
                    "[%s] tensor '%s' holds values that are not finite numbers (NaN or infinity). Maybe the training diverged, or the file is damaged"
                            .formatted(checkpoint.path(), info.name()));
        }
        return tensor;
    }

    private static boolean finite(Tensor tensor) {
        try (var _ = Scope.open()) {
            return tensor.numel() == 0 || torch.isfinite(tensor).all().item_bool();
        }
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
