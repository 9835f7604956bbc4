package dev.sglp.training.gradient;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import org.bytedeco.pytorch.Tensor;

/// A network whose answers are learned beside the next token (Hinton 2015, arXiv 1503.02531, section 2): `(1 − α) · loss + α · T² ·
/// KL(teacher ‖ student)`, over the whole vocabulary.
///
/// @param teacher     on weights of its own, with a head over tokens
/// @param temperature T, above 0
/// @param weight      α, in `[0, 1]`
public record Teaching(LayeredModel teacher, double temperature, double weight) {
    /// The same, computing in another element type, in the current scope.
    public Teaching in(DType type) {
        return new Teaching(teacher.in(type), temperature, weight);
    }

    LinearHead head() {
        return (LinearHead) teacher.head();
    }

    /// What its head multiplies, of all tokens, `[n, D]`, in the current scope.
    Tensor states(Tensor tokens) {
        return Autograd.off(() -> {
            var h = teacher.body(tokens, Pass.evaluation(), Tap.NONE);
            return head().prepare().forward(h.reshape(-1, h.size(-1)), Pass.evaluation());
        });
    }
}
