package dev.sglp.generation;

import dev.sglp.model.Ending;
import dev.sglp.model.Ending.Prepared;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// How far another network's next tokens are from a network's, along what that one wrote.
public final class Divergence {
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
                var at = network.device().range(first + places).narrow(0, first, places);
                return Ending.divergences(prepared(network, ids, at), List.of(prepared(other, ids, at)))[0];
            }
        });
    }

    private static Prepared prepared(LayeredModel model, Tensor ids, Tensor at) {
        return Prepared.of((LinearHead) model.head(), model.body(ids, Pass.evaluation(), Tap.NONE), at,
                Pass.evaluation());
    }
}
