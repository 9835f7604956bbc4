package dev.sglp.hostile;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// Reads every byte of a checkpoint, every image of a data set.
final class Whole {
    static final Reading AS_THEY_ARE = new Reading(1, Preparation.NONE, Normalisation.NONE, Progress.silent());

    private Whole() {}

    static void read(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            checkpoint.metadata().toString();
            long sum = 0;
            for (var info : checkpoint.tensors().values()) {
                var bytes = checkpoint.read(info.name());
                if (bytes.byteSize() != info.bytes()) {
                    throw new AssertionError("%s has %d bytes".formatted(info, bytes.byteSize()));
                }
                for (long i = 0; i < bytes.byteSize(); i++) {
                    sum += bytes.get(ValueLayout.JAVA_BYTE, i);
                }
            }
            if (sum == Long.MIN_VALUE) {
                throw new AssertionError("never: the loop must not be left out");
            }
        }
    }

    /// Every image of every split, on this thread.
    static void decode(String data) throws IOException {
        decode(ImageSources.open(DataSpec.parse(data)), data.startsWith("arrays")
                ? AS_THEY_ARE
                : new Reading(1, Preparation.of(8, Interpolation.BILINEAR, 8), Normalisation.NONE, Progress.silent()));
    }

    static void decode(ImageSource source, Reading reading) throws IOException {
        for (var split : source.splits()) {
            var images = source.decode(split, reading);
            if (images.size() != source.labels(split).length || images.itemHashes().size() != images.size()) {
                throw new AssertionError("%d images of %s".formatted(images.size(), split));
            }
        }
    }
}
