package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Fewer places.
public sealed interface Pooling extends Step {
    /// Axes of a batch of signals.
    int LINE = 3;

    /// The largest number of a window.
    ///
    /// @param side of the window
    record Largest(long side, Sliding sliding) implements Pooling {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W] → [B, C, H', W']
            if (x.dim() == LINE) {
                return torch.max_pool1d(x, new long[]{side}, new long[]{sliding.stride()},
                        new long[]{sliding.padding()}, new long[]{1}, false);
            }
            return torch.max_pool2d(x, new long[]{side, side}, sliding.strides(), sliding.paddings(), Convolution.ONES,
                    false);
        }
    }

    /// The mean over the image.
    record Mean() implements Pooling {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W] → [B, C]
            return x.dim() == LINE ? x.mean(2) : x.mean(2, 3);
        }
    }

    /// Means of so many parts on each side, beside each other.
    record Means(long side) implements Pooling {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W] → [B, C · side²]
            var means = x.dim() == LINE
                    ? torch.adaptive_avg_pool1d(x, new long[]{side})
                    : torch.adaptive_avg_pool2d(x, side, side);
            return means.flatten(1, -1);
        }
    }
}
