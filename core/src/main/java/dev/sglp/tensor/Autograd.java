package dev.sglp.tensor;

import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Automatic differentiation, part by part.
public final class Autograd {
    private Autograd() {}

    /// Runs `body` with recording switched on or off on this thread, and restores what was before.
    public static <T> T recording(boolean on, Supplier<T> body) {
        boolean before = GradMode.is_enabled();
        GradMode.set_enabled(on);
        try {
            return body.get();
        } finally {
            GradMode.set_enabled(before);
        }
    }

    /// Whether this thread records.
    public static boolean records() {
        return GradMode.is_enabled();
    }

    /// Runs `body` in a scope of its own without recording, and hands its result to the enclosing scope.
    public static <T extends Pointer> T off(Supplier<T> body) {
        return recording(false, () -> Scope.yield(body));
    }

    /// Says whether gradients with respect to a weight are wanted. Other threads may say the same of it.
    public static void want(Tensor weight, boolean wanted) {
        synchronized (Autograd.class) { // libtorch makes its note of a tensor without a lock
            if (weight.requires_grad() != wanted) {
                weight.set_requires_grad(wanted);
            }
        }
    }

    /// The vector-Jacobian product of `output` with `vector`: one gradient for each of `inputs`, shaped as it.
    ///
    /// @param retain whether the recorded graph is kept for another product
    public static Tensor[] product(Tensor output, Tensor vector, List<Tensor> inputs, boolean retain) {
        var gradients = torch.grad(new TensorVector(output), new TensorVector(inputs.toArray(Tensor[]::new)),
                new TensorVector(vector), new BoolOptional(retain), false, false);
        // the vector's elements are aliases that die with it: copy the handles, not the data
        return java.util.Arrays.stream(gradients.get()).map(Tensor::new).toArray(Tensor[]::new);
    }
}
