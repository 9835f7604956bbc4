package dev.sglp.training.gradient;

import dev.sglp.model.Part;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Sums of gradients, float32, in the scope it was made in.
final class Accumulator {
    private final Map<Long, Tensor> sums = new HashMap<>(); // by the tensor that the network computes with
    private final Tensor[] all;

    /// @param trained  what changes
    /// @param computed what the network computes with in the place of each tensor; itself where nothing stands for it
    Accumulator(SequencedMap<String, Tensor> trained, Map<Long, List<Tensor>> computed) {
        all = new Tensor[trained.size()];
        int i = 0;
        for (var tensor : trained.values()) {
            all[i] = torch.zeros_like(tensor.detach()).to(Tensors.scalarType(DType.F32));
            for (var used : computed.getOrDefault(Tensors.identity(tensor), List.of(tensor))) {
                sums.put(Tensors.identity(used), all[i]);
            }
            i++;
        }
    }

    /// Whether any of a part's tensors changes.
    boolean trains(Part part) {
        return part.parameters().values().stream().anyMatch(this::trains);
    }

    boolean trains(Tensor tensor) {
        return sums.containsKey(Tensors.identity(tensor));
    }

    void add(SequencedMap<String, Tensor> named, List<Gradient> gradients) {
        int i = 0;
        for (var tensor : named.values()) {
            add(tensor, gradients.get(i++));
        }
    }

    void add(Tensor of, Gradient gradient) {
        var sum = sums.get(Tensors.identity(of));
        if (sum != null) {
            add(gradient, sum);
        }
    }

    private static void add(Gradient gradient, Tensor sum) {
        switch (gradient) {
            case Gradient.Whole(var whole) -> sum.add_(whole);
            case Gradient.Product(var vector, var x) when vector.scalar_type().intern() == sum.scalar_type().intern() ->
                sum.addmm_(vector.t(), x);
            case Gradient.Product product -> sum.add_(product.whole());
            case Gradient.Sum(var first, var second) -> {
                add(first, sum);
                add(second, sum);
            }
        }
    }

    /// The sum of a tensor's gradients, to add to; absent where it does not change.
    @Nullable
    Tensor sum(Tensor of) {
        return sums.get(Tensors.identity(of));
    }

    Tensor[] all() {
        return all;
    }
}
