package dev.sglp.training.descent;

import dev.sglp.fault.UsageException;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// How a gradient becomes a step. The same numbers as PyTorch's optimizers of these names.
public sealed interface Optimizer {
    /// One step of one tensor.
    ///
    /// @param learningRate `> 0`
    /// @param decay        weight decay for this tensor
    /// @param number       which step this is, from 1
    record Step(double learningRate, double decay, long number) {}

    /// Running tensors kept for each parameter, shaped as it, zero at the beginning.
    int moments();

    /// Moves `parameter` and its running tensors in place, each number by itself: pieces of a tensor may be moved one after the other.
    void update(Tensor parameter, Tensor gradient, List<Tensor> moments, Step step);

    /// Stochastic gradient descent with momentum; weight decay is added to the gradient.
    ///
    /// @param momentum in `[0, 1)`
    /// @param nesterov whether the step looks ahead (Sutskever 2013)
    record Sgd(double momentum, boolean nesterov) implements Optimizer {
        public Sgd {
            if (!(momentum >= 0 && momentum < 1)) {
                throw new UsageException("--momentum is from 0 to below 1, got " + momentum);
            }
        }

        /// Momentum 0.9 with look-ahead.
        public static Sgd standard() {
            return new Sgd(0.9, true);
        }

        @Override
        public int moments() {
            return 1;
        }

        @Override
        public void update(Tensor w, Tensor gradient, List<Tensor> moments, Step step) {
            var v = moments.getFirst();
            var g = step.decay == 0 ? gradient : gradient.add(w, new Scalar(step.decay));
            v.mul_(new Scalar(momentum)).add_(g); // v ← μ v + g
            w.add_(nesterov ? g.add(v, new Scalar(momentum)) : v, new Scalar(-step.learningRate));
        }
    }

    /// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).
    ///
    /// @param beta1   of the gradient's running mean, in `[0, 1)`
    /// @param beta2   of its square's, in `[0, 1)`
    /// @param epsilon added to the root, `> 0`
    record AdamW(double beta1, double beta2, double epsilon) implements Optimizer {
        public AdamW {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new UsageException("AdamW's betas are from 0 to below 1, got %s and %s"
                        .formatted(beta1, beta2));
            }
            if (!(epsilon > 0)) {
                throw new UsageException("AdamW's epsilon is positive, got " + epsilon);
            }
        }

        /// 0.9, 0.999, 1e-8.
        public static AdamW standard() {
            return new AdamW(0.9, 0.999, 1e-8);
        }

        @Override
        public int moments() {
            return 2;
        }

        @Override
        public void update(Tensor w, Tensor g, List<Tensor> moments, Step step) {
            var m = moments.get(0);
            var v = moments.get(1);
            if (step.decay != 0) {
                w.mul_(new Scalar(1 - step.learningRate * step.decay));
            }
            m.lerp_(g, new Scalar(1 - beta1));
            v.mul_(new Scalar(beta2)).addcmul_(g, g, new Scalar(1 - beta2));
            double unbiased = 1 - Math.pow(beta1, step.number);
            double root = Math.sqrt(1 - Math.pow(beta2, step.number));
            var scale = v.sqrt().add_(new Scalar(epsilon * root)); // (√v̂ + ε) root
            w.addcdiv_(m, scale, new Scalar(-step.learningRate * root / unbiased));
        }
    }
}
