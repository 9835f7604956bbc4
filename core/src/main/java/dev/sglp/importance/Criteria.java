package dev.sglp.importance;

import dev.sglp.fault.UsageException;
import java.util.List;
import java.util.stream.Collectors;

/// The criteria, in the order they are listed.
public final class Criteria {
    private static final List<Criterion> ALL = List.of(GradNorm.standard(), GradNorm.skipping(),
            LossWhenAbsent.standard(), Kl.standard(),
            new BlockInfluence(), new Magnitude(), new RandomChoice());

    private Criteria() {}

    public static List<Criterion> all() {
        return ALL;
    }

    /// The criterion of this name with its standard settings.
    ///
    /// @throws UsageException where there is none; lists the known ones
    public static Criterion named(String name) {
        return ALL.stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new UsageException("--criterion '%s' is unknown. Known: %s".formatted(name,
                        ALL.stream().map(Criterion::name).collect(Collectors.joining(", ")))));
    }
}
