package dev.sglp.importance.stream;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.wave.Waiting;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The cosines and angles between any two places of the stream.
final class AngleSums implements StreamSums {
    private final Layout layout;
    private final double[][] cosine;
    private final double[][] angle;
    private final Waiting waiting;
    private final List<Waiting.Item> units = new ArrayList<>(); // of the batch that runs, at every place so far

    AngleSums(LayeredModel model) {
        int places = model.layers().size() + 1;
        layout = model.layout();
        waiting = Waiting.of(model);
        cosine = new double[places][places];
        angle = new double[places][places];
    }

    /// Says what will wait on disk of a batch.
    ///
    /// @param bytes of its activations at one place
    void expect(long bytes, Consumer<String> say) {
        waiting.expect(cosine.length, bytes, say);
    }

    @Override
    public void layer(int layer, Tensor x, Tensor y, Optional<Tensor> padding) {
        if (layer == 0) {
            units.forEach(Waiting.Item::free); // of a pass that ended in the middle
            units.clear();
            place(x, padding);
        }
        if (units.size() != layer + 1) {
            throw new IllegalStateException(
                    "layer %d after %d places: batches run one by one".formatted(layer, units.size()));
        }
        place(y, padding);
        if (units.size() == cosine.length) {
            units.forEach(Waiting.Item::free);
            units.clear();
        }
    }

    /// The next place, beside all before it.
    private void place(Tensor activation, Optional<Tensor> padding) {
        units.add(waiting.keep(unit(activation)));
        int j = units.size() - 1;
        Scope.run(() -> {
            var unit = units.get(j).get();
            for (int i = 0; i <= j; i++) {
                int other = i;
                Scope.run(() -> add(other, units.get(other).get(), j, unit, padding));
            }
        });
    }

    /// The vectors, each divided by its length; they outlive the layer.
    private Tensor unit(Tensor activation) {
        var vectors = layout.vectors(activation); // [B, T, D] or [B, d]
        return Scope.own(vectors.div(
                vectors.norm(new ScalarOptional(new Scalar(2)), new long[]{-1}, true).clamp_min(new Scalar(1e-12))));
    }

    private void add(int i, Tensor first, int j, Tensor second, Optional<Tensor> padding) {
        if (!Tensors.shape(first).equals(Tensors.shape(second))) {
            cosine[i][j] = cosine[j][i] = angle[i][j] = angle[j][i] = Double.NaN;
            return;
        }
        var cosines = first.mul(second).sum(-1).clamp(new ScalarOptional(new Scalar(-1)),
                new ScalarOptional(new Scalar(1)));
        double cos = layout.sum(cosines, padding);
        double turn = layout.sum(torch.acos(cosines), padding) / Math.PI;
        cosine[i][j] += cos;
        angle[i][j] += turn;
        if (i != j) {
            cosine[j][i] += cos;
            angle[j][i] += turn;
        }
    }

    StreamAngles angles(long vectors) {
        return new StreamAngles(means(cosine, vectors), means(angle, vectors));
    }

    private static double[][] means(double[][] sums, long vectors) {
        return Arrays.stream(sums).map(row -> Arrays.stream(row).map(sum -> sum / vectors).toArray())
                .toArray(double[][]::new);
    }
}
