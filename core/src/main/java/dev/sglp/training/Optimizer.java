package dev.sglp.training;

import dev.sglp.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// How gradients become steps. Each rule is PyTorch's, so that learning rates carry over.
public sealed interface Optimizer {
    /// How many numbers it remembers for each weight.
    int memories();

    /// One step on one tensor, in place.
    ///
    /// @param memory what the optimizer remembers of this tensor: {@link #memories} tensors of its shape, zero at first
    void step(Tensor weight, Tensor gradient, List<Tensor> memory, Rates rates);

    /// @param learning    the learning rate
    /// @param weightDecay of this tensor
    /// @param step        from 1
    record Rates(double learning, double weightDecay, int step) {}

    /// Stochastic gradient descent with momentum (`torch.optim.SGD`): `v ← μv + g`, `w ← w − λ(g + μv)` with Nesterov's
    /// look-ahead, else `w ← w − λv`; weight decay is added to the gradient.
    record Sgd(double momentum, boolean nesterov) implements Optimizer {
        public Sgd {
            if (!(momentum >= 0 && momentum < 1) || nesterov && momentum == 0) {
                throw new IllegalArgumentException(
                        "--momentum is from 0 to below 1 (above 0 with Nesterov), got " + momentum);
            }
        }

        @Override
        public int memories() {
            return 1;
        }

        @Override
        public void step(Tensor w, Tensor g, List<Tensor> memory, Rates rates) {
            Scope.run(() -> {
                var decayed = g.add(w, new Scalar(rates.weightDecay));
                var v = memory.getFirst().mul_(new Scalar(momentum)).add_(decayed, new Scalar(1.0));
                var direction = nesterov ? decayed.add(v, new Scalar(momentum)) : v;
                w.add_(direction, new Scalar(-rates.learning));
            });
        }
    }

    /// AdamW (arXiv 1711.05101, `torch.optim.AdamW`): decay is applied to the weights, not mixed into the gradient.
    record AdamW(double beta1, double beta2, double epsilon) implements Optimizer {
        public AdamW {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
                throw new IllegalArgumentException(
                        "AdamW's betas are from 0 to below 1 and its epsilon positive, got %s, %s, %s".formatted(beta1,
                                beta2, epsilon));
            }
        }

        /// β₁ 0.9, β₂ 0.999, ε 1e-8.
        public static AdamW standard() {
            return new AdamW(0.9, 0.999, 1e-8);
        }

        @Override
        public int memories() {
            return 2;
        }

        @Override
        public void step(Tensor w, Tensor g, List<Tensor> memory, Rates rates) {
            Scope.run(() -> {
                w.mul_(new Scalar(1 - rates.learning * rates.weightDecay));
                var m = memory.getFirst().mul_(new Scalar(beta1)).add_(g, new Scalar(1 - beta1));
                var v = memory.getLast().mul_(new Scalar(beta2)).addcmul_(g, g, new Scalar(1 - beta2));
                double mean = 1 - Math.pow(beta1, rates.step);
                double square = Math.sqrt(1 - Math.pow(beta2, rates.step));
                var scale = torch.sqrt(v).div_(new Scalar(square)).add_(new Scalar(epsilon));
                w.addcdiv_(m, scale, new Scalar(-rates.learning / mean));
            });
        }
    }
}
