package dev.sglp.importance.wave;

import dev.sglp.importance.GradNorm;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.GradientNorms;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// The norms of one candidate's gradients, in the order in which a pass back finds its tensors.
final class PartNorms {
    private final LinkedHashMap<Long, Double> norms = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Tensor> sums = new LinkedHashMap<>(); // over several batches

    /// Tensors that will be told later have their place here.
    void place(SequencedMap<String, Tensor> parameters) {
        parameters.values().forEach(parameter -> norms.put(Tensors.identity(parameter), 0.0));
    }

    /// Of one batch that is all.
    void put(List<Long> tensors, List<Gradient> gradients) {
        var found = GradientNorms.of(gradients);
        for (int i = 0; i < found.length; i++) {
            norms.put(tensors.get(i), found[i]);
        }
    }

    /// Of one of several batches.
    void add(List<Long> tensors, List<Gradient> gradients) {
        for (int i = 0; i < gradients.size(); i++) {
            sums.merge(tensors.get(i), Scope.own(gradients.get(i).whole()), (sum, more) -> {
                sum.add_(more);
                Scope.free(more);
                return sum;
            });
        }
    }

    /// All batches were added.
    void reduce() {
        sums.forEach((tensor, sum) -> norms.put(tensor, GradientNorms.of(sum)));
        free();
    }

    void free() {
        sums.values().forEach(Scope::free);
        sums.clear();
    }

    double as(GradNorm.Norm norm) {
        return norm == GradNorm.Norm.SUM
                ? norms.values().stream().mapToDouble(Double::doubleValue).sum()
                : Math.sqrt(norms.values().stream().mapToDouble(x -> x * x).sum());
    }
}
