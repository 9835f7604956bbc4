package dev.sglp.importance;

import dev.sglp.model.Layer;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.List;

/// The sum of the absolute values of the layers' weights (Li 2017, arXiv 1608.08710, for whole layers). A control: it looks
/// at no data.
public record Magnitude() implements Criterion {
    @Override
    public String name() {
        return "magnitude";
    }

    @Override
    public String source() {
        return "Li et al. 2017, arXiv 1608.08710";
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        var sums = task.model().layers().stream().map(Magnitude::sum).toList();
        task.progress().advance(task.candidates().size());
        return task.candidates().stream().map(c -> Score.of(c.indices().stream().mapToDouble(sums::get).sum()))
                .toList();
    }

    private static double sum(Layer layer) {
        try (var _ = Scope.open()) {
            return layer.held(held -> held.parameters().values().stream()
                    .mapToDouble(p -> Tensors.toDoubles(p.detach().abs().sum())[0]).sum());
        }
    }
}
