package dev.sglp.study;

import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.method.Choice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.segmentation.Segmentation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The rule of most rivals: every layer is scored alone, over the whole network, and the lowest go together. Segments and
/// verification play no part.
record OneShot() implements Method {
    @Override
    public String name() {
        return "one-shot";
    }

    @Override
    public String source() {
        return "ShortGPT, arXiv 2403.03853; Shortened-LLaMA, arXiv 2402.02834";
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var open = new ArrayList<Integer>();
        for (int s = 0; s < task.segmentation().size(); s++) {
            open.addAll(task.open(s));
        }
        var whole = new Segmentation.Segment(0, task.model().layers().size());
        var search = new CandidateSearch(task.model(), whole, task.criterion(), task.calibration());
        try (var step = progress.step("scoring each layer by " + task.criterion().name(), open.size(), "layers")) {
            var order = search.singles(open, step).stream()
                    .sorted(Comparator.comparingDouble((ScoredSet s) -> s.score().value())
                            .thenComparing(ScoredSet::layers))
                    .map(s -> new Scored(s.layers(), s.score().value(), s.score().spread())).toList();
            var removed = order.stream().limit(task.remove()).map(Scored::layers).reduce(LayerSet.EMPTY,
                    LayerSet::union);
            return new Choice(removed, List.of(task.remove()),
                    List.of(new SegmentChoice(0, task.remove(), order)),
                    new Candidates(open.size(), open.size(), "each alone"), List.of(), order);
        }
    }
}
