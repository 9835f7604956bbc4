package dev.sglp.data.image;

import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;

/// How images are read.
///
/// @param threads       how many decode at once, `>= 1`
/// @param imageSize     0: images as they are, all of one size; else each is resized (shorter side, bilinear with
///                      antialiasing) and cut from the centre to this many pixels each way
/// @param normalisation what batches apply
/// @param progress      who is told
public record Reading(int threads, int imageSize, Normalisation normalisation, Progress progress) {
    private static final int MOST_SIZE = 4096;

    public Reading {
        if (threads < 1) {
            throw new UsageException("--threads must be at least 1, got %d".formatted(threads));
        }
        check(imageSize);
    }

    /// @throws UsageException where images cannot be made so large
    public static void check(int imageSize) {
        if (imageSize < 0 || imageSize > MOST_SIZE) {
            throw new UsageException(
                    "--image-size is 1 to %d, or 0 for as it is; got %d".formatted(MOST_SIZE, imageSize));
        }
    }

    /// All processors, images as they are, silently.
    public static Reading with(Normalisation normalisation) {
        return new Reading(Runtime.getRuntime().availableProcessors(), 0, normalisation, Progress.silent());
    }
}
