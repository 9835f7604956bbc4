package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Block Influence (ShortGPT, arXiv 2403.03853, eq. 1): `1 − E[cos(input, output)]` of a layer over the examples; a set
/// scores the sum of its layers. For images an example's vector is its flattened activation.
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
        var influence = new double[model.layers().size()];
        Arrays.fill(influence, 1);
        for (int batch = 0; batch < data.batches(); batch++) {
            int from = data.start(batch);
            int to = data.end(batch);
            double share = data.share(batch);
            Autograd.recording(false, () -> {
                Scope.run(
                        () -> counting.body(data.examples().batch(from, to).inputs(), Pass.evaluation(), (i, x, y) -> {
                            if (model.layers().get(i).removable()) {
                                influence[i] -= share * cosine(x, y);
                            }
                        }));
                return null;
            });
        }
        return influence;
    }

    /// The mean over the examples of the cosine between two activations of the same shape.
    private static double cosine(Tensor x, Tensor y) {
        try (var _ = Scope.open()) {
            return Tensors.toDoubles(torch.cosine_similarity(x.flatten(1, -1), y.flatten(1, -1), 1, 1e-12).mean())[0];
        }
    }
}
