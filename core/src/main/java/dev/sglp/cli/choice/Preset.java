package dev.sglp.cli.choice;

import dev.sglp.cli.text.TextOptions;
import dev.sglp.cli.typed.Reading;
import dev.sglp.family.Architecture;
import dev.sglp.fault.UsageException;
import dev.sglp.method.OnePass;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.segmentation.Fisher.Features;
import dev.sglp.similarity.Cka.Estimator;
import java.util.List;
import java.util.stream.Collectors;

/// Settings that go together; whatever the user types besides stands in their place.
///
/// @param method    `--method`
/// @param criterion `--criterion`
/// @param verify    `--verify`
/// @param polish    `--polish`
/// @param cka       `--cka`, of networks whose layers do not give tokens
/// @param fisher    `--fisher`
/// @param reading   `--reading`
/// @param repair    `--repair`
/// @param heal      `--heal`, of networks with batch norm
/// @param diagnosis whether the loss with each layer absent is measured
/// @param windows   `--samples`, of text that is predicted token by token
public record Preset(String name, String words, String method, String criterion, int verify, int polish,
        Estimator cka, Features fisher, Reading reading, String repair, String heal, boolean diagnosis, int windows) {
    private static final List<Preset> ALL = List.of(
            new Preset("best", "the best that is known", "auto", "kl", 8, Limits.POLISH,
                    Estimator.BIASED, Features.ROWS, Reading.ABSENT, "refit", "auto", true, TextOptions.SAMPLES),
            new Preset("fast", "the better of two plans of one pass, repaired", "one-pass", "block-influence",
                    OnePass.PLANS, 0,
                    Estimator.BIASED, Features.ROWS, Reading.ABSENT, "refit", "none", false, TextOptions.SAMPLES),
            new Preset("paper", "SGLP as the authors' code for the same pipeline does it", "sglp", "gradnorm", 0, 0,
                    Estimator.AVERAGED, Features.MEAN, Reading.LETTER, "none", "bn", true, 2 * TextOptions.SAMPLES));

    /// In the order they are listed.
    public static List<Preset> all() {
        return ALL;
    }

    static Preset best() {
        return ALL.getFirst();
    }

    /// The same for a network: a text's windows are one batch.
    Preset of(Architecture network) {
        return new Preset(name, words, method, criterion, verify, polish,
                network.layout().tokens() ? Estimator.BIASED : cka, fisher, reading, repair, heal, diagnosis,
                windows);
    }

    /// @throws UsageException where there is none of this name; lists the known ones
    static Preset named(String name) {
        return ALL.stream().filter(p -> p.name.equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new UsageException("--preset '%s' is unknown. Known: %s".formatted(name,
                        ALL.stream().map(Preset::name).collect(Collectors.joining(", ")))));
    }
}
