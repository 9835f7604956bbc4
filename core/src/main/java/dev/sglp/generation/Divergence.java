package dev.sglp.generation;

import dev.sglp.model.Ending.Prepared;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How far other networks' next tokens are from a network's, along what that one wrote. It keeps what that one says there, so that its
/// weights may go.
public final class Divergence implements AutoCloseable {
    private final Continuation text;
    private final Tensor known; // log p, [n, V]

    private Divergence(Continuation text, Tensor known) {
        this.text = text;
        this.known = known;
    }

    /// @param network whose continuation it is, `p`
    public static Divergence of(Continuation text, LayeredModel network) {
        return Autograd.recording(false,
                () -> new Divergence(text, Scope.yieldOwned(() -> logProbabilities(text, network))));
    }

    /// The mean of `Σ p (log p − log q)` over the places where a token of the continuation was chosen, in nats.
    ///
    /// @param network whose continuation it is, `p`
    /// @param other   `q`
    public static double along(Continuation text, LayeredModel network, LayeredModel other) {
        try (var known = of(text, network)) {
            return known.to(other);
        }
    }

    /// The same from the network whose text it is to another, `q`.
    public double to(LayeredModel other) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var apart = known.sub(logProbabilities(text, other)).mul_(known.exp());
                return Tensors.toDoubles(apart.sum(1).to(ScalarType.Double).mean())[0];
            }
        });
    }

    private static Tensor logProbabilities(Continuation text, LayeredModel network) { // [n, V]
        int[] tokens = text.whole();
        var ids = network.device().longs(Arrays.stream(tokens).asLongStream().toArray()).unsqueeze(0);
        long first = text.prompt().length - 1;
        long places = text.tokens().length + (text.ended() ? 1 : 0);
        var at = network.device().range(first + places).narrow(0, first, places);
        return Prepared.of((LinearHead) network.head(), network.body(ids, Pass.evaluation(), Tap.NONE), at,
                Pass.evaluation()).logProbabilities();
    }

    @Override
    public void close() {
        Scope.free(known);
    }
}
