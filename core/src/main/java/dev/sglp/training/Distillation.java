package dev.sglp.training;

import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Learning from a teacher's answers beside the labels (Hinton 2015, arXiv 1503.02531, section 2):
/// `(1 − α) · loss + α · T² · KL(teacher ‖ student)`, both softened by the temperature T.
///
/// @param teacher     the dense network on weights of its own, since the student's change
/// @param temperature T, `> 0`
/// @param weight      α, in `[0, 1]`
public record Distillation(LayeredModel teacher, double temperature, double weight) {
    public Distillation {
        check(temperature, weight);
    }

    /// @throws UsageException where one is out of range
    public static void check(double temperature, double weight) {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new UsageException("--temperature is positive, got " + temperature);
        }
        if (!(weight >= 0 && weight <= 1)) {
            throw new UsageException("--distil-weight is from 0 to 1, got " + weight);
        }
    }

    /// @param loss   of the labels, a scalar
    /// @param logits the student's, `[B, C]`
    Tensor with(Tensor loss, Tensor logits, Tensor inputs) {
        var soft = new Scalar(1 / temperature);
        var p = Autograd.off(() -> torch.log_softmax(teacher.forward(inputs, Pass.evaluation()).mul(soft), 1));
        var q = torch.log_softmax(logits.mul(soft), 1);
        var divergence = p.exp().mul(p.sub(q)).sum(1).mean(); // KL, [B, C] → []
        return loss.mul(new Scalar(1 - weight))
                .add(divergence, new Scalar(weight * temperature * temperature));
    }
}
