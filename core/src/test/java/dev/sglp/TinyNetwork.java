package dev.sglp;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// A network written by hand: every layer multiplies by a matrix. It lives in the scope it is made in.
public final class TinyNetwork {
    private TinyNetwork() {}

    /// `N` layers of seeded random `d × d` matrices over inputs `[B, d]`.
    public static LayeredModel random(int layers, int d, long seed) {
        return of(IntStream.range(0, layers).mapToObj(i -> Seed.of(seed).normal("layer" + i, 1 / Math.sqrt(d), d, d))
                .toList());
    }

    /// One layer a matrix `[in, out]`.
    public static LayeredModel of(List<Tensor> matrices) {
        var layers = IntStream.range(0, matrices.size())
                .<Layer>mapToObj(i -> new Linear("layer" + i, matrices.get(i))).toList();
        return new LayeredModel("tiny", new Nothing(), layers, new Nothing(), Objective.crossEntropy(), Layout.VECTORS);
    }

    /// `x W`
    private record Linear(String name, Tensor matrix) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, in] → [B, out]
            return x.mm(matrix);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            all.put(name + ".weight", matrix);
            return all;
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return new Linear(name, seed.normal(name, 1, matrix.shape()));
        }
    }

    /// The identity, a new tensor.
    private record Nothing() implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.clone();
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>();
        }
    }
}
