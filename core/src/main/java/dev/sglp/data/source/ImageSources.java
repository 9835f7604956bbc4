package dev.sglp.data.source;

import dev.sglp.data.DataSpec.Kind;
import dev.sglp.data.DataSpec;
import dev.sglp.data.array.ArraySource;
import dev.sglp.data.image.ImageSource;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.List;

/// The list of places that images come from. To add one: a {@link ImageSource}, a kind in {@link DataSpec}, a line here.
public final class ImageSources {
    private ImageSources() {}

    /// @throws UsageException where the kind does not hold images
    public static void check(DataSpec spec) {
        if (List.of(Kind.TEXT, Kind.JSONL, Kind.TASK, Kind.PAIRS).contains(spec.kind())) {
            throw text(spec);
        }
    }

    private static UsageException text(DataSpec spec) {
        return new UsageException(
                "data '%s' is text, and the network looks at images; expected images:, cifar10:, cifar100: or arrays:"
                        .formatted(spec));
    }

    /// @throws UsageException where the kind does not hold signals
    public static void checkSignals(DataSpec spec) {
        if (spec.kind() != Kind.ARRAYS) {
            throw new UsageException("data '%s' holds no signals; expected arrays:FILE.npz".formatted(spec));
        }
    }

    /// Opens arrays of signals; reads headers and labels alone.
    ///
    /// @throws UsageException where the kind does not hold signals
    /// @throws IOException    where it cannot be read, is malformed, or has one class only
    public static ImageSource signals(DataSpec spec) throws IOException {
        checkSignals(spec);
        return ArraySource.open(spec.path(), ArraySource.Holding.SIGNALS);
    }

    /// Opens what the user named; reads names and labels, no pixels.
    ///
    /// @throws UsageException where the kind does not hold images
    /// @throws IOException    where it cannot be read, is malformed, empty, or has one class only
    public static ImageSource open(DataSpec spec) throws IOException {
        return switch (spec.kind()) {
            case IMAGES -> ImageFolder.open(spec.path());
            case CIFAR10 -> Cifar.open(spec.path(), Cifar.Form.CIFAR10);
            case CIFAR100 -> Cifar.open(spec.path(), Cifar.Form.CIFAR100);
            case GLYPHS -> Glyphs.parse(spec.location());
            case ARRAYS -> ArraySource.open(spec.path(), ArraySource.Holding.IMAGES);
            case TEXT, JSONL, CHAT, TASK, PAIRS -> throw text(spec);
        };
    }
}
