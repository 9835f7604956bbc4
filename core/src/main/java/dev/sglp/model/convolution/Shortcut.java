package dev.sglp.model.convolution;

import dev.sglp.model.Pass;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.Convolution;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The way around a block's branch.
public sealed interface Shortcut {
    /// What the block gives: the branch's output with what went around, in the branch's place.
    ///
    /// @param branch what the branch gave
    /// @param x      what went in
    default Tensor added(Tensor branch, Tensor x, Pass pass) {
        return branch.add_(around(x, pass));
    }

    /// What goes around.
    Tensor around(Tensor x, Pass pass);

    /// Adds the shortcut's part of the input's gradient to the branch's, of a shortcut without parameters.
    ///
    /// @param gradient of the input, by the branch; changed in place
    /// @param vector   gradient of the loss with respect to the sum
    default Tensor addTo(Tensor gradient, Tensor vector) {
        throw new IllegalStateException("this shortcut has a derivative of its own");
    }

    /// Its steps; none where it has no parameters.
    default Chain chain() {
        return Chain.NONE;
    }

    /// How many steps of the branch come before it.
    default int behind() {
        return 0;
    }

    /// There is none.
    record None() implements Shortcut {
        @Override
        public Tensor added(Tensor branch, Tensor x, Pass pass) {
            return branch;
        }

        @Override
        public Tensor around(Tensor x, Pass pass) {
            throw new IllegalStateException("nothing goes around");
        }

        @Override
        public Tensor addTo(Tensor gradient, Tensor vector) {
            return gradient;
        }
    }

    /// What went in.
    record Identity() implements Shortcut {
        @Override
        public Tensor around(Tensor x, Pass pass) {
            return x;
        }

        @Override
        public Tensor addTo(Tensor gradient, Tensor vector) {
            return gradient.add_(vector);
        }
    }

    /// Every second pixel and zero channels (He 2015, arXiv 1512.03385, section 4.2, option A).
    ///
    /// @param step    2 where the block halves the image
    /// @param padding zero channels, half before and half after
    record Subsample(long step, long padding) implements Shortcut {
        @Override
        public Tensor around(Tensor x, Pass pass) { // [B, in, H, W] → [B, in + padding, H/step, W/step]
            var sampled = Convolution.sampled(x, step);
            var pads = new long[2 * (int) x.dim() - 2]; // from the last axis to the channels
            pads[pads.length - 2] = padding / 2;
            pads[pads.length - 1] = padding - padding / 2;
            return torch.constant_pad_nd(sampled, pads);
        }

        @Override
        public Tensor addTo(Tensor gradient, Tensor vector) {
            Convolution.sampled(gradient, step).add_(vector.narrow(1, padding / 2, gradient.size(1)));
            return gradient;
        }
    }

    /// Steps of its own, mostly a convolution over one pixel and a norm (option B).
    ///
    /// @param behind it begins behind so many steps of the branch
    record Projection(Chain chain, int behind) implements Shortcut {
        @Override
        public Tensor around(Tensor x, Pass pass) {
            return chain.forward(x, pass);
        }
    }
}
