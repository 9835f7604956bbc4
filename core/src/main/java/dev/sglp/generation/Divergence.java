package dev.sglp.generation;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How far another network's next tokens are from a network's, along what that one wrote.
public final class Divergence {
    private static final long ROWS = 128; // of logits at a time

    private Divergence() {}

    /// The mean of `Σ p (log p − log q)` over the places where a token of the continuation was chosen, in nats.
    ///
    /// @param network whose continuation it is, `p`
    /// @param other   `q`
    public static double along(Continuation text, LayeredModel network, LayeredModel other) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                int[] tokens = text.whole();
                var ids = network.device().longs(Arrays.stream(tokens).asLongStream().toArray()).unsqueeze(0);
                long first = text.prompt().length - 1;
                long places = text.tokens().length + (text.ended() ? 1 : 0);
                var p = network.body(ids, Pass.evaluation(), Tap.NONE);
                var q = other.body(ids, Pass.evaluation(), Tap.NONE);
                double sum = 0;
                for (long at = 0; at < places; at += ROWS) {
                    long from = first + at;
                    long rows = Math.min(ROWS, places - at);
                    sum += Tensors.toDoubles(Scope.yield(() -> {
                        var known = logProbabilities(network, p.narrow(1, from, rows));
                        return known.exp().mul_(known.sub(logProbabilities(other, q.narrow(1, from, rows)))).sum();
                    }))[0];
                }
                return sum / places;
            }
        });
    }

    private static Tensor logProbabilities(LayeredModel model, Tensor h) { // [1, n, D] → [1, n, V]
        return torch.log_softmax(model.head().forward(h, Pass.evaluation()).to(ScalarType.Double), 2);
    }
}
