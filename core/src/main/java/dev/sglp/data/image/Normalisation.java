package dev.sglp.data.image;

import dev.sglp.fault.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How pixels become network inputs: `(x / 255 − mean) / std`, each channel for itself. It must be what the model was
/// trained with.
///
/// @param mean of red, green and blue, in units of the full range
/// @param std  of red, green and blue, `> 0`
public record Normalisation(List<Double> mean, List<Double> std) {
    /// The values models trained on ImageNet are used with (torchvision, timm); also the CIFAR ResNets of akamaster.
    public static final Normalisation IMAGENET = of(.485, .456, .406, .229, .224, .225);
    /// Mean and standard deviation of all pixels of CIFAR-10's training split.
    public static final Normalisation CIFAR10 = of(.4914, .4822, .4465, .2470, .2435, .2616);
    /// Mean and standard deviation of all pixels of CIFAR-100's training split.
    public static final Normalisation CIFAR100 = of(.5071, .4865, .4409, .2673, .2564, .2762);
    /// Pixels in `[0, 1]` as they are.
    public static final Normalisation NONE = of(0, 0, 0, 1, 1, 1);

    private static final Map<String, Normalisation> PRESETS = new TreeMap<>(
            Map.of("imagenet", IMAGENET, "cifar10", CIFAR10, "cifar100", CIFAR100, "none", NONE));

    public Normalisation {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3) {
            throw new UsageException(
                    "--mean and --std need three numbers each (red, green, blue), got %s and %s"
                            .formatted(mean, std));
        }
        if (!mean.stream().allMatch(Double::isFinite) || !std.stream().allMatch(s -> Double.isFinite(s) && s > 0)) {
            throw new UsageException(
                    "--mean must be finite and --std positive, got %s and %s".formatted(mean, std));
        }
    }

    /// The preset of this name.
    ///
    /// @throws UsageException where there is none; the message lists them
    public static Normalisation named(String name) {
        if (PRESETS.get(name) instanceof Normalisation found) {
            return found;
        }
        throw new UsageException("unknown normalisation '%s'; known are %s, or give --mean r,g,b --std r,g,b"
                .formatted(name, String.join(", ", PRESETS.keySet())));
    }

    /// Of all presets.
    public static List<String> names() {
        return List.copyOf(PRESETS.keySet());
    }

    /// Reads `--mean a,b,c --std a,b,c`.
    public static Normalisation parse(String mean, String std) {
        return new Normalisation(numbers("--mean", mean), numbers("--std", std));
    }

    private static List<Double> numbers(String flag, String text) {
        try {
            return Arrays.stream(text.split(",")).map(String::strip).map(Double::valueOf).toList();
        } catch (NumberFormatException _) {
            throw new UsageException("%s '%s' is not three numbers with commas between, as in .485,.456,.406"
                    .formatted(flag, text));
        }
    }

    private static Normalisation of(double... v) {
        return new Normalisation(List.of(v[0], v[1], v[2]), List.of(v[3], v[4], v[5]));
    }
}
