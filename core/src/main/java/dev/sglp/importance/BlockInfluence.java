package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Block Influence (ShortGPT, arXiv 2403.03853, eq. 1): `1 − E[cos(input, output)]` of a layer over all vectors; a set
/// scores the sum of its layers. Where outputs are tokens, these are the real ones; else an example's flattened activation is one.
public record BlockInfluence() implements Criterion {
    @Override
    public String name() {
        return "block-influence";
    }

    @Override
    public String source() {
        return "ShortGPT, arXiv 2403.03853";
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        return prepared(task.model(), task.data(), task.work()).scores(task);
    }

    /// One forward pass tells the influence of every layer.
    @Override
    public Criterion prepared(LayeredModel model, Calibration data, Meter work) {
        var influence = influence(model, data, work);
        return Criterion.of(name(), set -> set.indices().stream().mapToDouble(i -> influence[i]).sum());
    }

    private static double[] influence(LayeredModel model, Calibration data, Meter work) {
        var counting = work.counting(model);
        var similar = new double[model.layers().size()];
        long vectors = 0;
        for (int i = 0; i < data.batches(); i++) {
            int from = data.start(i);
            int to = data.end(i);
            vectors += Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    var batch = data.examples().batch(from, to);
                    counting.body(batch.inputs(), Pass.evaluation(), (layer, x, y) -> {
                        if (model.layers().get(layer).removable()) {
                            similar[layer] += cosines(model.layout(), x, y, batch.padding());
                        }
                    });
                    return model.layout().count(batch.inputs(), batch.padding());
                }
            });
        }
        long all = vectors;
        return IntStream.range(0, similar.length).mapToDouble(i -> model.layers().get(i).removable()
                ? 1 - similar[i] / all
                : 1).toArray();
    }

    /// The sum of the cosines between vectors of two activations of the same shape.
    ///
    /// @param padding true where a token is none, which do not count
    public static double cosines(Layout layout, Tensor x, Tensor y, Optional<Tensor> padding) {
        try (var _ = Scope.open()) {
            return layout.sum(torch.cosine_similarity(layout.vectors(x), layout.vectors(y), -1, 1e-12), padding);
        }
    }
}
