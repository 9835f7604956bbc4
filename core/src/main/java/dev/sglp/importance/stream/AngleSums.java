package dev.sglp.importance.stream;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.wave.Waiting;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The cosines and angles between any two places of the stream, or between those alone that lie one layer apart or a run of them.
final class AngleSums implements StreamSums {
    private final Layout layout;
    private final double[][] cosine;
    private final double[][] angle;
    private final int run; // layers; 0: all places are compared
    private final Waiting waiting;
    private final NavigableMap<Integer, Waiting.Item> units = new TreeMap<>(); // of the batch that runs, by their place

    /// @param run layers between places that are compared; 0: any number
    AngleSums(LayeredModel model, int run) {
        this.run = run;
        int places = model.layers().size() + 1;
        layout = model.layout();
        waiting = Waiting.of(model);
        cosine = new double[places][places];
        angle = new double[places][places];
    }

    /// Says what will wait on disk of a batch.
    ///
    /// @param bytes of its activations at one place
    void expect(LongSupplier bytes, Consumer<String> say) {
        waiting.expect(run == 0 ? cosine.length : Math.min(run + 1, cosine.length), bytes, say);
    }

    @Override
    public void layer(int layer, Tensor x, Tensor y, Optional<Tensor> padding) {
        if (layer == 0) {
            free(units); // of a pass that ended in the middle
            place(0, x, padding);
        }
        if (units.isEmpty() || units.lastKey() != layer) {
            throw new IllegalStateException("layer %d is not the next one: batches run one by one".formatted(layer));
        }
        place(layer + 1, y, padding);
        free(layer + 2 == cosine.length ? units : units.headMap(run == 0 ? 0 : layer + 2 - run));
    }

    private static void free(Map<Integer, Waiting.Item> some) {
        some.values().forEach(Waiting.Item::free);
        some.clear();
    }

    /// The next place, beside those before it.
    private void place(int j, Tensor activation, Optional<Tensor> padding) {
        var next = waiting.keep(unit(activation));
        units.put(j, next);
        Scope.run(() -> {
            var unit = next.get();
            units.forEach((i, other) -> {
                if (run == 0 || i == j - 1 || i == j - run) {
                    Scope.run(() -> add(i, other.get(), j, unit, padding));
                }
            });
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

    /// The sums so far.
    StreamAngles sums() {
        return angles(1);
    }

    /// Goes on from sums of before.
    void take(StreamAngles sums) {
        for (int i = 0; i < cosine.length; i++) {
            System.arraycopy(sums.cosine()[i], 0, cosine[i], 0, cosine.length);
            System.arraycopy(sums.angle()[i], 0, angle[i], 0, angle.length);
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
