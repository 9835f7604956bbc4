package dev.sglp.training.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Oracle;
import dev.sglp.Pico;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import java.util.List;
import java.util.TreeMap;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

final class BatchNormWhereItHelpsTest {
    private static TreeMap<String, List<Double>> buffers(LayeredModel model) {
        var all = new TreeMap<String, List<Double>>();
        model.buffers().forEach((name, tensor) -> all.put(name,
                java.util.Arrays.stream(Tensors.toDoubles(tensor)).boxed().toList()));
        return all;
    }

    private static double loss(Dataset items, LayeredModel model) {
        return new Evaluator(items, 8).measure(model, Progress.silent()).loss();
    }

    private static void heal(Dataset items, LayeredModel model) {
        var data = new DataRoles(items, items, items, List.of());
        new BatchNormWhereItHelps().heal(model, data, 8, Progress.silent());
    }

    @Test
    void statisticsThatAreWrongAreEstimatedAnew() {
        try (var pico = Pico.open()) {
            var less = pico.model().without(LayerSet.of(1));
            var inputs = pico.items().batch(0, pico.items().size()).inputs();
            var items = new Oracle.Items(inputs,
                    less.forward(inputs, Pass.batchStatistics()).argmax(new LongOptional(1), false),
                    pico.items().classes());
            Autograd.recording(false, () -> {
                less.buffers().forEach((name, tensor) -> {
                    if (name.endsWith("running_mean")) {
                        tensor.add_(new Scalar(10));
                    }
                });
                return less;
            });
            var before = buffers(less);
            double wrong = loss(items, less);
            heal(items, less);
            assertThat(loss(items, less)).isLessThan(wrong);
            assertThat(buffers(less)).isNotEqualTo(before);
        }
    }

    /// Whatever comes out, it is no worse; where it would be, every buffer is as before.
    @Test
    void whatDoesNotHelpIsTakenBack() {
        try (var pico = Pico.open()) {
            int taken = 0;
            for (int layer : pico.model().removable().indices()) {
                var less = pico.model().without(LayerSet.of(layer));
                var before = buffers(less);
                double loss = loss(pico.items(), less);
                heal(pico.items(), less);
                assertThat(loss(pico.items(), less)).isLessThanOrEqualTo(loss);
                taken += buffers(less).equals(before) ? 1 : 0;
            }
            assertThat(taken).as("of %d", pico.model().removable().size()).isPositive();
        }
    }
}
