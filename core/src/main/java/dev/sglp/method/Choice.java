package dev.sglp.method;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import java.util.List;

/// What a method chose, and what it saw on the way.
///
/// @param removed      the layers to go
/// @param quota        how many from each segment
/// @param choices      the scored sets of each segment, lowest first
/// @param candidates   how many sets were scored, of how many
/// @param verification the best plans on the verification data, lowest loss first
/// @param singles      every removable layer alone, for the diagnosis
public record Choice(LayerSet removed, List<Integer> quota, List<PruningPlan.SegmentChoice> choices,
        PruningPlan.Candidates candidates, List<PruningPlan.Verified> verification, List<PruningPlan.Scored> singles) {
    /// Nothing was scored and nothing goes.
    public static Choice none() {
        return new Choice(LayerSet.EMPTY, List.of(), List.of(), new PruningPlan.Candidates(0, 0, "none"), List.of(),
                List.of());
    }

    public Choice {
        quota = List.copyOf(quota);
        choices = List.copyOf(choices);
        verification = List.copyOf(verification);
        singles = List.copyOf(singles);
    }
}
