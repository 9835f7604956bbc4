package dev.sglp.cli.choice;

import dev.sglp.cli.typed.Reading;
import dev.sglp.method.Auto;
import dev.sglp.method.Methods;
import dev.sglp.method.SglpMethod;
import dev.sglp.pruning.Quota;
import dev.sglp.pruning.UsedPreset;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.segmentation.Fisher.Features;
import dev.sglp.similarity.Cka.Estimator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the flags of a preset are in a run.
///
/// @param preset    those that were not typed are its own
/// @param method    `--method`
/// @param criterion `--criterion`
/// @param search    what else says where is looked
/// @param verify    `--verify`
/// @param polish    `--polish`
/// @param cka       `--cka`
/// @param fisher    `--fisher`
/// @param reading   `--reading`
/// @param diagnosis whether the loss with each layer absent is measured
public record Taken(Preset preset, String method, String criterion, Search search, int verify, int polish,
        Estimator cka,
        Features fisher, Reading reading, boolean diagnosis) {
    /// What all presets have in common.
    ///
    /// @param usual      `--segments` where nobody says
    /// @param segments   `--segments`
    /// @param quota      `--quota`
    /// @param candidates `--candidates`
    /// @param decide     `--decide`
    public record Search(String usual, String segments, Quota quota, int candidates, String decide) {
        static final int CANDIDATES = 128;
    }

    /// Those flags of the search that play a part.
    private List<Instead> searched() {
        var named = Methods.named(method);
        var all = new ArrayList<>(List.of(new Instead("--segments", search.usual, search.segments)));
        if (named instanceof SglpMethod) {
            all.add(new Instead("--quota", word(Quota.PROPORTIONAL), word(search.quota)));
        }
        if (named instanceof SglpMethod || polishes()) {
            all.add(new Instead("--candidates", String.valueOf(Search.CANDIDATES), String.valueOf(search.candidates)));
        }
        if (named.verifies() && verify > 0) {
            all.add(new Instead("--decide", Deciding.LOSS, search.decide));
        }
        return all;
    }

    /// Of the diagnosis, the flag that asks for what is done.
    private Instead diagnosed() {
        return new Instead(diagnosis ? "--diagnosis" : "--no-diagnosis",
                String.valueOf(preset.diagnosis() == diagnosis),
                "true");
    }

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
    /// @param then flags of what comes before and after the choice
    public String told(List<Instead> then) {
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
        searched().stream().filter(Instead::differs).map(Instead::typed).forEach(all::add);
        if (!diagnosis) {
            all.add(diagnosed().typed());
        }
        then.stream().map(Instead::typed).forEach(all::add);
        return "preset %s, %s: %s".formatted(preset.name(), preset.words(), String.join(" ", all));
    }

    /// The preset and what stands in the place of its flags, for records.
    ///
    /// @param then of what comes before and after the choice
    public UsedPreset used(List<Instead> then) {
        var all = new ArrayList<>(List.of(new Instead("--method", preset.method(), method),
                new Instead("--criterion", preset.criterion(), criterion)));
        if (Methods.named(method).verifies()) {
            all.add(new Instead("--verify", String.valueOf(preset.verify()), String.valueOf(verify)));
        }
        all.addAll(List.of(new Instead("--cka", word(preset.cka()), word(cka)),
                new Instead("--fisher", word(preset.fisher()), word(fisher)), diagnosed()));
        all.addAll(searched());
        if (polishes()) {
            all.add(new Instead("--polish", String.valueOf(preset.polish()), String.valueOf(polish)));
        }
        if (reads()) {
            all.add(new Instead("--reading", preset.reading().toString(), reading.toString()));
        }
        all.addAll(then);
        return new UsedPreset(preset.name(), all);
    }
}
