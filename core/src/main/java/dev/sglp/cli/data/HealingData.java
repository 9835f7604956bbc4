package dev.sglp.cli.data;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataSpec;
import dev.sglp.fault.UsageException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/// What a language model is healed on: the fourth role.
@Under(Heading.HEALING)
public final class HealingData {
    @Option(names = "--heal-data", paramLabel = "SPEC", description = "text: train on these texts or conversations (text:, jsonl:, chat:), each with a --heal-data of its own; none of their lines may stand in the verification, the report or, where layers were chosen, in --data and --repair-data (default: what --data holds besides verification and report, the calibration's lines among it)")
    private List<String> data = List.of();

    @Option(names = "--heal-weights", paramLabel = "F,F…", split = ",", description = "text: how many tokens of each --heal-data, in proportion (default: as they are large)")
    private List<Double> weights = List.of();

    @SuppressWarnings("NullAway") // picocli fills the fields
    public HealingData() {}

    /// @param data    texts
    /// @param weights tokens of each, in proportion; none: as they are large
    public record From(List<DataSpec> data, List<Double> weights) {
        public From {
            data = List.copyOf(data);
            weights = List.copyOf(weights);
        }

        /// What the other roles leave of the data they are cut from.
        public static From rest() {
            return new From(List.of(), List.of());
        }

        /// The same, to compare with what was typed another time.
        public String words() {
            return data.isEmpty() ? "" : ", healData=%s, healWeights=%s".formatted(data, weights);
        }
    }

    /// @param why nothing of it plays a part
    /// @throws UsageException where a flag was typed
    public static void refuse(String why, Given given) {
        given.refuse(why, "--heal-data", "--heal-weights");
    }

    /// @throws UsageException where weights and texts do not go together
    public From from() {
        var specs = data.stream().map(DataSpec::parse).toList();
        if (!weights.isEmpty() && weights.size() != specs.size()) {
            throw new UsageException("--heal-weights has a number for each --heal-data: %d, got %s".formatted(
                    specs.size(), weights.stream().map(String::valueOf).collect(Collectors.joining(","))));
        }
        if (weights.stream().anyMatch(w -> !(w > 0 && Double.isFinite(w)))) {
            throw new UsageException("--heal-weights are above 0, got %s".formatted(weights));
        }
        IntStream.range(1, specs.size()).filter(i -> specs.subList(0, i).contains(specs.get(i))).findFirst()
                .ifPresent(i -> {
                    throw new UsageException("--heal-data %s was given twice".formatted(specs.get(i)));
                });
        return new From(specs, weights);
    }
}
