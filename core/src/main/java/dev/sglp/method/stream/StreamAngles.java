package dev.sglp.method.stream;

import dev.sglp.data.Batch;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// How the stream turns between any two places: means over all vectors (tokens, or an example's flattened activation). Place `i` is the
/// input of layer `i`, place N the output of the last.
///
/// @param cosine mean cosine of the vectors at two places, NaN where their shapes differ
/// @param angle  mean of `arccos(cosine) / π`, 0 to 1, NaN where their shapes differ
record StreamAngles(double[][] cosine, double[][] angle) {

    /// From one pass over the calibration data.
    ///
    /// @param work told what is computed
    static StreamAngles of(LayeredModel model, Calibration data, Meter work) {
        int places = model.layers().size() + 1;
        var cosine = new double[places][places];
        var angle = new double[places][places];
        var counting = work.counting(model);
        long vectors = 0;
        for (int i = 0; i < data.batches(); i++) {
            int from = data.start(i);
            int to = data.end(i);
            vectors += Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    var batch = data.examples().batch(from, to);
                    var units = units(counting, model.layout(), batch);
                    add(units, numbers -> model.layout().sum(numbers, batch.padding()), cosine, angle);
                    units.forEach(Scope::free);
                    return model.layout().count(batch.inputs(), batch.padding());
                }
            });
        }
        double all = vectors;
        Arrays.stream(cosine).forEach(row -> Arrays.setAll(row, j -> row[j] / all));
        Arrays.stream(angle).forEach(row -> Arrays.setAll(row, j -> row[j] / all));
        return new StreamAngles(cosine, angle);
    }

    /// The vectors at every place, each divided by its length; they outlive the pass.
    private static List<Tensor> units(LayeredModel model, Layout layout, Batch batch) {
        var units = new ArrayList<Tensor>();
        model.body(batch.inputs(), Pass.evaluation(), (layer, x, y) -> {
            if (layer == 0) {
                units.add(unit(layout, x));
            }
            units.add(unit(layout, y));
        });
        return units;
    }

    private static Tensor unit(Layout layout, Tensor activation) {
        var vectors = layout.vectors(activation); // [B, T, D] or [B, d]
        return Scope.own(vectors.div(
                vectors.norm(new ScalarOptional(new Scalar(2)), new long[]{-1}, true).clamp_min(new Scalar(1e-12))));
    }

    private static void add(List<Tensor> units, ToDoubleFunction<Tensor> sum, double[][] cosine,
            double[][] angle) {
        for (int i = 0; i < units.size(); i++) {
            for (int j = i; j < units.size(); j++) {
                if (!Tensors.shape(units.get(i)).equals(Tensors.shape(units.get(j)))) {
                    cosine[i][j] = cosine[j][i] = angle[i][j] = angle[j][i] = Double.NaN;
                    continue;
                }
                try (var _ = Scope.open()) {
                    var cosines = units.get(i).mul(units.get(j)).sum(-1).clamp(new ScalarOptional(new Scalar(-1)),
                            new ScalarOptional(new Scalar(1)));
                    double cos = sum.applyAsDouble(cosines);
                    double turn = sum.applyAsDouble(torch.acos(cosines)) / Math.PI;
                    cosine[i][j] += cos;
                    angle[i][j] += turn;
                    if (i != j) {
                        cosine[j][i] += cos;
                        angle[j][i] += turn;
                    }
                }
            }
        }
    }
}
