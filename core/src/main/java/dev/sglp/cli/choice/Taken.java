package dev.sglp.cli.choice;

import dev.sglp.cli.typed.Reading;
import dev.sglp.method.Auto;
import dev.sglp.method.Methods;
import dev.sglp.pruning.UsedPreset;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.segmentation.Fisher.Features;
import dev.sglp.similarity.Cka.Estimator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What the flags of a preset are in a run.
///
/// @param preset    those that were not typed are its own
/// @param method    `--method`
/// @param criterion `--criterion`
/// @param verify    `--verify`
/// @param polish    `--polish`
/// @param cka       `--cka`
/// @param fisher    `--fisher`
/// @param reading   `--reading`
/// @param diagnosis whether the loss with each layer absent is measured
public record Taken(Preset preset, String method, String criterion, int verify, int polish, Estimator cka,
        Features fisher, Reading reading, boolean diagnosis) {
    private boolean polishes() {
        return Methods.named(method) instanceof Auto;
    }

    private boolean reads() {
        return criterion.startsWith("gradnorm");
    }

    private static String word(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    /// The preset and what its flags are, for the user.
    ///
    /// @param then flags of what comes after the choice
    public String told(String then) {
        var all = new ArrayList<>(List.of("--method " + method, "--criterion " + criterion, "--verify " + verify));
        if (polishes()) {
            all.add("--polish " + polish);
        }
        if (reads()) {
            all.add("--reading " + reading);
        }
        if (cka != Estimator.BIASED) {
            all.add("--cka " + word(cka));
        }
        if (fisher != Features.ROWS) {
            all.add("--fisher " + word(fisher));
        }
        all.add(then);
        return "preset %s, %s: %s".formatted(preset.name(), preset.words(), String.join(" ", all));
    }

    /// The preset and what stands in the place of its flags, for records.
    ///
    /// @param then of what comes after the choice
    public UsedPreset used(Instead... then) {
        var all = new ArrayList<>(List.of(new Instead("--method", preset.method(), method),
                new Instead("--criterion", preset.criterion(), criterion)));
        if (Methods.named(method).verifies()) {
            all.add(new Instead("--verify", String.valueOf(preset.verify()), String.valueOf(verify)));
        }
        all.addAll(List.of(new Instead("--cka", word(preset.cka()), word(cka)),
                new Instead("--fisher", word(preset.fisher()), word(fisher)),
                new Instead("--no-diagnosis", String.valueOf(!preset.diagnosis()), String.valueOf(!diagnosis))));
        if (polishes()) {
            all.add(new Instead("--polish", String.valueOf(preset.polish()), String.valueOf(polish)));
        }
        if (reads()) {
            all.add(new Instead("--reading", preset.reading().toString(), reading.toString()));
        }
        all.addAll(Arrays.asList(then));
        return new UsedPreset(preset.name(), all);
    }
}
