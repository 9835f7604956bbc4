package dev.sglp.training;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Seed;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Random crops of the padded image and mirror images, as usual for CIFAR (He 2015, section 4.2).
final class Augmentation {
    private static final int PADDING = 4;

    private Augmentation() {}

    /// A batch whose images are each shifted by up to four pixels and mirrored half of the time. What happens to an image
    /// depends on the seed, the epoch and its number in the training data alone.
    ///
    /// @param images `[B, C, H, W]`
    /// @param items  their numbers in the training data
    static Tensor apply(Tensor images, int[] items, Seed seed, int epoch) {
        return Autograd.off(() -> {
            var padded = torch.constant_pad_nd(images, PADDING, PADDING, PADDING, PADDING);
            var out = torch.empty_like(images);
            for (int i = 0; i < items.length; i++) {
                var random = seed.generator("augment " + epoch + " " + items[i]);
                var crop = padded.select(0, i).narrow(1, random.nextInt(2 * PADDING + 1), images.size(2)).narrow(2,
                        random.nextInt(2 * PADDING + 1), images.size(3));
                out.select(0, i).copy_(random.nextBoolean() ? crop.flip(2) : crop);
            }
            return out;
        });
    }
}
