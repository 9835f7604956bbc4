package dev.sglp.pruning;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Settings that go together by which a run was made, and what stood in their place.
///
/// @param name    of the preset, for instance `fast`
/// @param instead flags that were something else
public record UsedPreset(String name, List<Instead> instead) {
    /// @param instead flags of the preset, those too that are as it has them
    public UsedPreset {
        instead = instead.stream().filter(Instead::differs).toList();
    }

    /// The same of a network that nothing repaired or healed.
    ///
    /// @param asked settings by their flags, as the choice had them
    UsedPreset unrepaired(Map<String, String> asked) {
        var all = new ArrayList<>(instead);
        all.removeIf(flag -> flag.flag.startsWith("--repair") || flag.flag.equals("--heal"));
        Stream.of("--repair", "--heal").forEach(flag -> all.add(new Instead(flag, usual(flag, asked), "none")));
        return new UsedPreset(name, all);
    }

    /// What the preset has; of a flag that was not changed what was asked for.
    private String usual(String flag, Map<String, String> asked) {
        return instead.stream().filter(other -> other.flag.equals(flag)).map(Instead::usual).findFirst()
                .orElseGet(() -> asked.getOrDefault(flag, "none"));
    }

    /// @param flag  for instance `--repair`
    /// @param usual what the preset has
    /// @param taken what it was
    public record Instead(String flag, String usual, String taken) {
        /// Whether it was something else.
        public boolean differs() {
            return !Objects.equals(usual, taken);
        }

        /// As it is typed.
        public String typed() {
            return taken.equals("true") ? flag : flag + " " + taken;
        }

        @Override
        public String toString() {
            return taken.equals("true") ? flag : "%s instead of %s".formatted(typed(), usual);
        }
    }

    /// `preset fast with --repair none instead of refit`
    @Override
    public String toString() {
        return "preset " + name + (instead.isEmpty()
                ? ""
                : " with " + instead.stream().map(Instead::toString).collect(Collectors.joining(", ")));
    }
}
