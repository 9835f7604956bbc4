package dev.sglp.method;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.segmentation.Segmentation;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;

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
    public static Choice of(PlanningTask task, LayerSet removed, List<ScoredSet> singles,
            PruningPlan.Candidates candidates) {
        var quota = taken(removed, task.segmentation());
        var inOrder = singles.stream().sorted(Comparator.comparing(ScoredSet::layers)).map(Choice::plain).toList();
        return new Choice(removed, quota, List.of(), candidates, List.of(), inOrder);
    }

    /// The choice of a method that looks at the stream between the layers alone.
    ///
    /// @param score of each layer alone, for the diagnosis
    /// @param work  forward equivalents that it took
    public static Choice fromStream(PlanningTask task, LayerSet removed, IntToDoubleFunction score, double work) {
        var singles = task.open().stream()
                .map(i -> new ScoredSet(LayerSet.of(i), Score.of(score.applyAsDouble(i)))).toList();
        return of(task, removed, singles, new Candidates(0, 1, "none", new ForwardEquivalents(0, work, 0)));
    }

    /// How many of these layers lie in each segment.
    static List<Integer> taken(LayerSet removed, Segmentation segmentation) {
        return segmentation.segments().stream()
                .map(s -> removed.only(s::contains).size()).toList();
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
