package dev.sglp.training;

import dev.sglp.fault.UsageException;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// What is done to training images, as He 2015 does (arXiv 1512.03385, section 4.2): padded, cut back to their size at a
/// random place, and mirrored every other time. What happens to an item follows from (seed, epoch, item) alone.
///
/// @param padding pixels on each side, filled with the mean colour; 0: no cutting
/// @param mirror  whether left and right are swapped with probability ½
public record Augmentation(int padding, boolean mirror) {
    public Augmentation {
        if (padding < 0 || padding > 64) {
            throw new UsageException("augmentation pads by 0 to 64 pixels, got " + padding);
        }
    }

    /// Four pixels and mirroring.
    public static Augmentation cropAndFlip() {
        return new Augmentation(4, true);
    }

    public static Augmentation none() {
        return new Augmentation(0, false);
    }

    /// @param images float32 `[B, C, H, W]`
    /// @param items  which item each is, `[B]`
    /// @param seed   of this epoch
    /// @return the same shape, in the current scope
    Tensor apply(Tensor images, int[] items, long seed) {
        if (padding == 0 && !mirror) {
            return images;
        }
        if (images.dim() != 4) {
            throw new IllegalArgumentException("augmentation is for images [B, C, H, W], got %d dimensions"
                    .formatted(images.dim()));
        }
        return Scope.yield(() -> {
            long b = images.size(0);
            long c = images.size(1);
            int h = Math.toIntExact(images.size(2));
            int w = Math.toIntExact(images.size(3));
            var padded = torch.constant_pad_nd(images, padding, padding, padding, padding); // [B, C, H+2p, W+2p]
            var from = Device.of(images).longs(sources(items, h, w, seed)).view(b, 1, (long) h * w).expand(b, c,
                    (long) h * w);
            return padded.flatten(2, 3).gather(2, from).view(b, c, h, w);
        });
    }

    /// For each pixel of each image its place in the padded one, `[B · H · W]`.
    private long[] sources(int[] items, int h, int w, long seed) {
        var from = new long[items.length * h * w];
        int at = 0;
        for (int item : items) {
            var random = new SplitMix(SplitMix.mix(seed, item));
            int top = random.below(2 * padding + 1);
            int left = random.below(2 * padding + 1);
            boolean flipped = random.below(2) == 1 && mirror;
            for (int y = 0; y < h; y++) {
                long row = (long) (top + y) * (w + 2 * padding) + left;
                for (int x = 0; x < w; x++) {
                    from[at++] = row + (flipped ? w - 1 - x : x);
                }
            }
        }
        return from;
    }
}
