package dev.sglp.pruning;

import dev.sglp.fault.UsageException;

/// How many layers are to go.
public sealed interface Target {
    /// The number of layers to remove.
    ///
    /// @param layers    layers of the network
    /// @param removable how many of them can be removed and are not protected
    /// @throws UsageException where it is more than can be removed, or a fraction above 0 of which no layer is left
    default int resolve(int layers, int removable) {
        int wanted = switch (this) {
            case Count(int remove) -> remove;
            case Ratio(double ratio) -> (int) Math.round(ratio * layers);
        };
        if (wanted == 0 && layers > 0 && this instanceof Ratio(double ratio) && ratio > 0) {
            throw new UsageException(
                    "--ratio %s of %d layers is less than half a layer, and none would go. Raise it to %s"
                            .formatted(ratio, layers, Math.ceil(50.0 / layers) / 100));
        }
        if (wanted > removable) {
            throw new UsageException(
                    "%d layers are to be removed, but only %d of %d can be. Lower --remove or --ratio, or protect fewer"
                            .formatted(wanted, removable, layers));
        }
        if (wanted == layers && layers > 0) {
            throw new UsageException(
                    "all %d layers are to be removed; at least one stays. Lower --remove or --ratio".formatted(layers));
        }
        return wanted;
    }

    /// `--remove R`
    record Count(int remove) implements Target {
        public Count {
            if (remove < 0) {
                throw new UsageException("--remove is at least 0, got " + remove);
            }
        }
    }

    /// `--ratio F`: a fraction of all layers, rounded to the nearest number
    record Ratio(double ratio) implements Target {
        public Ratio {
            if (!(ratio >= 0 && ratio < 1)) {
                throw new UsageException("--ratio is a fraction from 0 to below 1, got " + ratio);
            }
        }
    }
}
