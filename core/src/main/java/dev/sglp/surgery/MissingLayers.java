package dev.sglp.surgery;

import dev.sglp.fault.InputException;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
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
/// @param changed parts of the smaller network, some of whose tensors are others than the dense network's: names of layers, `stem`, `head`
public record MissingLayers(LayerSet removed, List<String> changed) {
    private static final double SAME = 0.005; // of a tensor's norm: rounding to bfloat16 changes a third of it
    private static final long PIECE = 1L << 24; // numbers that are compared at a time
    private static final double LEAST = 0.5; // of a layer's parameters: a repair changes its last map and what scales that

    /// @throws InputException where a layer of the smaller network is none of the dense one's, or their order differs
    public static MissingLayers of(LayeredModel dense, LayeredModel smaller) {
        int count = smaller.layers().size();
        if (count >= dense.layers().size()) {
            throw new InputException("it has %d layers and the dense network %d: nothing is missing".formatted(count,
                    dense.layers().size()));
        }
        var kept = new ArrayList<Integer>();
        var changed = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var layer = smaller.layers().get(i);
            int from = kept.isEmpty() ? 0 : kept.getLast() + 1;
            int to = dense.layers().size() - (count - 1 - i);
            var found = layer.held(own -> likest(dense, own, from, to));
            if (found.share < LEAST) {
                throw new InputException(
                        "layer %d (%s) has the weights of no layer of the dense network behind those before it. Layers are found where others were left out, not where they were trained or merged"
                                .formatted(i, layer.name()));
            }
            if (found.share < 1 || found.buffersDiffer) {
                changed.add(layer.name());
            }
            kept.add(found.index);
        }
        if (differs(dense.stem(), smaller.stem())) {
            changed.addFirst("stem");
        }
        if (differs(dense.head(), smaller.head())) {
            changed.add("head");
        }
        return new MissingLayers(new LayerSet(new LayerSet(kept).others(dense.layers().size())),
                List.copyOf(changed));
    }

    /// @param share         of its parameters that are the same
    /// @param buffersDiffer whether any of its statistics are others
    private record Found(int index, double share, boolean buffersDiffer) {}

    /// The first of the dense network's layers from `from` to before `to` that shares most: the first that shares all is not looked beyond.
    ///
    /// @param layer with all its numbers in memory
    private static Found likest(LayeredModel dense, Layer layer, int from, int to) {
        var best = new Found(from, -1, true);
        for (int j = from; j < to && best.share < 1; j++) {
            int index = j;
            var found = dense.layers().get(j)
                    .held(own -> new Found(index, share(own, layer), buffersDiffer(own, layer)));
            best = found.share > best.share ? found : best;
        }
        return best;
    }

    /// Whether any tensor is another, statistics too.
    private static boolean differs(Part dense, Part other) {
        return share(dense, other) < 1 || buffersDiffer(dense, other);
    }

    private static boolean buffersDiffer(Part dense, Part other) {
        return share(List.copyOf(dense.buffers().values()), List.copyOf(other.buffers().values())) < 1;
    }

    /// The share of a part's parameters that are the same in another; 0 where shapes differ.
    private static double share(Part dense, Part other) {
        return share(List.copyOf(dense.parameters().values()), List.copyOf(other.parameters().values()));
    }

    private static double share(List<Tensor> own, List<Tensor> others) {
        if (own.isEmpty() && others.isEmpty()) {
            return 1;
        }
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
        double all = 0;
        double apart = 0;
        try (var _ = Scope.open()) {
            var x = a.reshape(-1);
            var y = b.reshape(-1);
            for (long at = 0; at < x.numel(); at += PIECE) {
                try (var _ = Scope.open()) {
                    long length = Math.min(PIECE, x.numel() - at);
                    var own = x.narrow(0, at, length).to(ScalarType.Float);
                    all += square(own);
                    apart += square(own.sub(y.narrow(0, at, length).to(ScalarType.Float)));
                }
            }
        }
        return apart <= SAME * SAME * all;
    }

    private static double square(Tensor piece) {
        double norm = Tensors.toDoubles(piece.norm())[0];
        return norm * norm;
    }
}
