package dev.sglp.data.image;

import dev.sglp.fault.UsageException;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;

/// How images are read.
///
/// @param threads       how many decode at once, `>= 1`
/// @param preparation   what is done to images of bytes; where it leaves their size open all are of one size
/// @param normalisation what batches apply
/// @param progress      who is told
public record Reading(int threads, Preparation preparation, Normalisation normalisation, Progress progress) {
    public Reading {
        if (threads < 1) {
            throw new UsageException("--threads must be at least 1, got %d".formatted(threads));
        }
    }

    /// All processors, images as they are, silently.
    public static Reading with(Normalisation normalisation) {
        return new Reading(Runtime.getRuntime().availableProcessors(), Preparation.NONE, normalisation,
                Progress.silent());
    }

    /// The same, with images as they are.
    public Reading asTheyAre() {
        return new Reading(threads, Preparation.NONE, normalisation, progress);
    }
}
