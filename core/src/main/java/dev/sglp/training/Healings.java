package dev.sglp.training;

import dev.sglp.fault.UsageException;
import dev.sglp.training.statistics.BatchNormEstimation;
import dev.sglp.training.statistics.BatchNormWhereItHelps;
import java.util.List;
import java.util.stream.Collectors;

/// The ways to heal that need no settings, in the order they are listed; {@link FineTuning} needs some.
public final class Healings {
    private static final List<Healing> ALL = List.of(new NoHealing(), new BatchNormEstimation(),
            new BatchNormWhereItHelps());

    private Healings() {}

    public static List<Healing> all() {
        return ALL;
    }

    /// @throws UsageException where there is none of this name; lists the known ones
    public static Healing named(String name) {
        return ALL.stream().filter(h -> h.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(
                        () -> new UsageException(
                                "--heal '%s' is unknown. Known: %s, %s, %s; of language models after one removal partial, lora, blockwise"
                                        .formatted(name,
                                                ALL.stream().map(Healing::name).collect(Collectors.joining(", ")),
                                                FineTuning.FULL,
                                                FineTuning.DISTIL)));
    }
}
