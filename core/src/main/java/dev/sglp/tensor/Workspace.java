package dev.sglp.tensor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Large tensors that are used again and again: a hundred fresh megabytes cost as much as a fifth of the multiplication that
/// fills them.
public final class Workspace implements AutoCloseable {
    private final Map<String, Tensor> tensors = new HashMap<>();

    /// The tensor of this name, made or made anew where it has another shape or type; it holds whatever was written last.
    public Tensor like(String name, Tensor type, long... shape) {
        var found = tensors.get(name);
        if (found == null || found.scalar_type().intern() != type.scalar_type().intern()
                || !Tensors.shape(found).equals(java.util.Arrays.stream(shape).boxed().toList())) {
            free(found);
            found = Scope.own(type.new_empty(shape));
            tensors.put(name, found);
        }
        return found;
    }

    private static void free(@Nullable Tensor tensor) {
        if (tensor != null) {
            Scope.free(tensor);
        }
    }

    @Override
    public void close() {
        List.copyOf(tensors.values()).forEach(Scope::free);
        tensors.clear();
    }
}
