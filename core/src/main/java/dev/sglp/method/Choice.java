package dev.sglp.method;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.segmentation.Segmentation;
import java.util.Comparator;
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
    public static Choice none(Segmentation segmentation) {
        return new Choice(LayerSet.EMPTY, taken(LayerSet.EMPTY, segmentation), List.of(),
                new PruningPlan.Candidates(0, 0, "none"), List.of(), List.of());
    }

    /// The same after the layers were compared.
    ///
    /// @param similarity what that took, in forward equivalents
    public Choice after(double similarity) {
        return new Choice(removed, quota, choices, candidates.after(similarity), verification, singles);
    }

    /// The choice of a method that knows no segments: how many it took from each is counted afterwards.
    ///
    /// @param singles    every layer alone, scored
    /// @param candidates what was scored
    static Choice of(PlanningTask task, LayerSet removed, List<ScoredSet> singles,
            PruningPlan.Candidates candidates) {
        var quota = taken(removed, task.segmentation());
        var inOrder = singles.stream().sorted(Comparator.comparing(ScoredSet::layers)).map(Choice::plain).toList();
        return new Choice(removed, quota, List.of(), candidates, List.of(), inOrder);
    }

    /// How many of these layers lie in each segment.
    static List<Integer> taken(LayerSet removed, Segmentation segmentation) {
        return segmentation.segments().stream()
                .map(s -> (int) removed.indices().stream().filter(s::contains).count()).toList();
    }

    static PruningPlan.Scored plain(ScoredSet set) {
        return new PruningPlan.Scored(set.layers(), set.score().value(), set.score().spread());
    }

    /// What comparing the layers took, in forward equivalents; 0 where it was not counted.
    public double similarity() {
        var work = candidates.forwardEquivalents();
        return work == null ? 0 : work.similarity();
    }

    public Choice {
        quota = List.copyOf(quota);
        choices = List.copyOf(choices);
        verification = List.copyOf(verification);
        singles = List.copyOf(singles);
    }
}
