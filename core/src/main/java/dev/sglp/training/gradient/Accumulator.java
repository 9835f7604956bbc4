package dev.sglp.training.gradient;

import dev.sglp.model.Part;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Sums of gradients, float32, in the scope it was made in.
final class Accumulator {
    /// Where the gradients of one tensor go.
    private interface Sum {
        void add(Gradient gradient);
    }

    private final Map<Long, Sum> sums = new HashMap<>(); // by the tensor that the network computes with
    private final Tensor[] all;

    /// @param trained  what changes
    /// @param computed what the network computes with in the place of each tensor; itself where nothing stands for it
    /// @param lowRank  matrices whose factors are among `trained` in their place
    Accumulator(SequencedMap<String, Tensor> trained, Map<Long, List<Tensor>> computed, Optional<LowRank> lowRank) {
        all = trained.values().stream()
                .map(tensor -> torch.zeros_like(tensor.detach()).to(Tensors.scalarType(DType.F32)))
                .toArray(Tensor[]::new);
        var own = new HashMap<Long, Tensor>();
        int i = 0;
        for (var tensor : trained.values()) {
            var sum = all[i++];
            own.put(Tensors.identity(tensor), sum);
            put(Tensors.identity(tensor), List.of(tensor), computed, gradient -> addTo(sum, gradient));
        }
        lowRank.ifPresent(low -> low.factors(own)
                .forEach((matrix, factors) -> put(matrix, List.of(factors.of().matrix()), computed, factors::add)));
    }

    private void put(long identity, List<Tensor> itself, Map<Long, List<Tensor>> computed, Sum sum) {
        computed.getOrDefault(identity, itself).forEach(used -> sums.put(Tensors.identity(used), sum));
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
            sum.add(gradient);
        }
    }

    private static void addTo(Tensor sum, Gradient gradient) {
        switch (gradient) {
            case Gradient.Whole(var whole) -> sum.add_(whole);
            case Gradient.Product(var vector, var x) when vector.scalar_type().intern() == sum.scalar_type().intern() ->
                sum.addmm_(vector.t(), x);
            case Gradient.Product product -> sum.add_(product.whole());
            case Gradient.Sum(var first, var second) -> {
                addTo(sum, first);
                addTo(sum, second);
            }
        }
    }

    Tensor[] all() {
        return all;
    }
}
