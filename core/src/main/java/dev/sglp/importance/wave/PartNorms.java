package dev.sglp.importance.wave;

import dev.sglp.importance.GradNorm;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.GradientNorms;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
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

    /// All of them, each behind the place of its tensor in the head, or -1 where it is another part's.
    String words(SequencedMap<String, Tensor> head) {
        var ids = head.values().stream().map(Tensors::identity).toList();
        return norms.entrySet().stream().map(norm -> ids.indexOf(norm.getKey()) + " " + norm.getValue())
                .collect(Collectors.joining(" "));
    }

    /// What {@link #words} gave. Of tensors that were told before, the head's alone may be told anew.
    void restore(String words, SequencedMap<String, Tensor> head) {
        var ids = head.values().stream().map(Tensors::identity).toList();
        var parts = words.isEmpty() ? new String[0] : words.split(" ");
        for (int i = 0; i < parts.length; i += 2) {
            int place = Integer.parseInt(parts[i]);
            norms.put(place < 0 ? -1L - i : ids.get(place), Double.valueOf(parts[i + 1]));
        }
    }

    double as(GradNorm.Norm norm) {
        return norm == GradNorm.Norm.SUM
                ? norms.values().stream().mapToDouble(Double::doubleValue).sum()
                : Math.sqrt(norms.values().stream().mapToDouble(x -> x * x).sum());
    }
}
