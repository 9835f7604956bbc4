package dev.sglp.method;

import dev.sglp.fault.UsageException;
import dev.sglp.method.control.Tail;
import dev.sglp.method.stream.Clusters;
import dev.sglp.method.stream.Contiguous;
import dev.sglp.method.stream.PruneComp;
import java.util.List;
import java.util.stream.Collectors;

/// The methods, in the order they are listed.
public final class Methods {
    private static final List<Method> ALL = List.of(new SglpMethod(), new OneShot(), new Sleb(), new Contiguous(),
            new Clusters(), new PruneComp(),
            new OnePass(), new Tail(), new Auto());

    private Methods() {}

    public static List<Method> all() {
        return ALL;
    }

    /// @throws UsageException where there is none of this name; lists the known ones
    public static Method named(String name) {
        return ALL.stream().filter(m -> m.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new UsageException("--method '%s' is unknown. Known: %s".formatted(name,
                        ALL.stream().map(Method::name).collect(Collectors.joining(", ")))));
    }
}
