package dev.sglp.model.residual;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Gradients in the order a recording gives them.
final class Recordings {
    private Recordings() {}

    static Tensor[] ordered(Tensor[] weights, @Nullable Tensor input) {
        if (input == null) {
            return weights;
        }
        var all = Arrays.copyOf(weights, weights.length + 1);
        all[weights.length] = input;
        return all;
    }
}
