package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.repair.gradient.Blockwise;
import java.util.List;
import java.util.stream.Collectors;

/// The repairs, in the order they are listed.
public final class Repairs {
    private static final List<Repair> ALL = List.of(new NoRepair(), new Scale(), Refit.standard(),
            Refit.behindScale(), Blockwise.standard(), new ReplaceMe());

    private Repairs() {}

    public static List<Repair> all() {
        return ALL;
    }

    /// The repair of this name with its standard settings.
    ///
    /// @throws UsageException where there is none; lists the known ones
    public static Repair named(String name) {
        return ALL.stream().filter(r -> r.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new UsageException("--repair '%s' is unknown. Known: %s".formatted(name,
                        ALL.stream().map(Repair::name).collect(Collectors.joining(", ")))));
    }
}
