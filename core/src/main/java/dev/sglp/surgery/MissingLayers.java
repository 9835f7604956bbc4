package dev.sglp.surgery;

import dev.sglp.fault.InputException;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Which layers of a network a smaller one lacks, found by their weights.
///
/// @param removed layers of the dense network that the smaller one lacks
/// @param changed layers of the smaller network, some of whose tensors are others than the dense network's
public record MissingLayers(LayerSet removed, List<Integer> changed) {
    private static final double SAME = 0.02; // of a tensor's norm: what rounding to bfloat16 changes is less than a fifth of it

    /// @throws InputException where a layer of the smaller network is none of the dense one's, or their order differs
    public static MissingLayers of(LayeredModel dense, LayeredModel smaller) {
        int count = smaller.layers().size();
        if (count >= dense.layers().size()) {
            throw new InputException("it has %d layers and the dense network %d: nothing is missing".formatted(count,
                    dense.layers().size()));
        }
        var kept = new ArrayList<Integer>();
        var changed = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            var layer = smaller.layers().get(i);
            int from = kept.isEmpty() ? 0 : kept.getLast() + 1;
            int to = dense.layers().size() - (count - 1 - i);
            int found = IntStream.range(from, to).filter(j -> share(dense.layers().get(j), layer) > 0.5).findFirst()
                    .orElse(-1);
            if (found < 0) {
                throw new InputException(
                        "layer %d (%s) has the weights of no layer of the dense network behind those before it. sglp repair is for networks whose layers were left out, not trained or merged"
                                .formatted(i, layer.name()));
            }
            if (share(dense.layers().get(found), layer) < 1) {
                changed.add(i);
            }
            kept.add(found);
        }
        return new MissingLayers(new LayerSet(
                IntStream.range(0, dense.layers().size()).filter(i -> !kept.contains(i)).boxed().toList()),
                List.copyOf(changed));
    }

    /// The share of a layer's tensors that are the same in another; 0 where shapes differ.
    private static double share(Layer dense, Layer other) {
        var own = List.copyOf(dense.parameters().values());
        var others = List.copyOf(other.parameters().values());
        if (own.size() != others.size()) {
            return 0;
        }
        long same = IntStream.range(0, own.size()).filter(i -> same(own.get(i), others.get(i))).count();
        return (double) same / own.size();
    }

    private static boolean same(Tensor a, Tensor b) {
        if (!Tensors.shape(a).equals(Tensors.shape(b))) {
            return false;
        }
        try (var _ = Scope.open()) {
            var x = a.to(ScalarType.Float);
            double norm = Tensors.toDoubles(x.norm())[0];
            double apart = Tensors.toDoubles(x.sub(b.to(ScalarType.Float)).norm())[0];
            return apart <= SAME * norm;
        }
    }
}
