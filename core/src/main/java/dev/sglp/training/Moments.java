package dev.sglp.training;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The optimizer's running tensors for each parameter, and the steps done so far. It owns them; close it.
final class Moments implements AutoCloseable {
    private final Optimizer optimizer;
    private final SequencedMap<String, Tensor> parameters;
    private final SequencedMap<String, List<Tensor>> running = new LinkedHashMap<>();
    private long steps;

    Moments(Optimizer optimizer, SequencedMap<String, Tensor> parameters) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        parameters.forEach((name, w) -> running.put(name, IntStream.range(0, optimizer.moments())
                .mapToObj(_ -> Scope.yieldOwned(() -> torch.zeros_like(w.detach()))).toList()));
    }

    /// One step of all parameters.
    ///
    /// @param gradients in the parameters' order; clipped in place
    void step(Tensor[] gradients, double learningRate, TrainingSettings.Regularisation by) {
        Autograd.recording(false, () -> {
            steps++;
            if (by.clipNorm() > 0) {
                clip(gradients, by.clipNorm());
            }
            int i = 0;
            for (var parameter : parameters.entrySet()) {
                var w = parameter.getValue();
                double decay = w.dim() > 1 ? by.weightDecay() : 0;
                var step = new Optimizer.Step(learningRate, decay, steps);
                optimizer.update(w, gradients[i++], running.get(parameter.getKey()), step);
            }
            return steps;
        });
    }

    /// Scales all gradients down so that their common norm is at most `most`, without asking for a number.
    private static void clip(Tensor[] gradients, double most) {
        var squares = Stream.of(gradients).map(g -> g.square().sum()).toArray(Tensor[]::new);
        var norm = torch.stack(new TensorVector(squares), 0).sum().sqrt();
        var scale = norm.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(most)).clamp_max(new Scalar(1.0));
        for (var gradient : gradients) {
            gradient.mul_(scale);
        }
    }

    @Override
    public void close() {
        running.values().forEach(moments -> moments.forEach(Scope::free));
        running.clear();
    }
}
