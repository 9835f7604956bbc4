package dev.sglp.pruning;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// Settings that go together by which a run was made, and what stood in their place.
///
/// @param name    of the preset, for instance `fast`
/// @param instead flags that were something else
public record UsedPreset(String name, List<Instead> instead) {
    /// @param instead flags of the preset, those too that are as it has them
    public UsedPreset {
        instead = instead.stream().filter(flag -> !Objects.equals(flag.usual, flag.taken)).toList();
    }

    /// @param flag  for instance `--repair`
    /// @param usual what the preset has
    /// @param taken what it was
    public record Instead(String flag, String usual, String taken) {
        @Override
        public String toString() {
            return taken.equals("true") ? flag : "%s %s instead of %s".formatted(flag, taken, usual);
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
