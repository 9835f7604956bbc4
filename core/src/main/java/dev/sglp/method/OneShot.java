package dev.sglp.method;

import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import java.util.Comparator;

/// Every layer scored alone, over the whole network, the lowest removed together; how layers depend on each other is not asked,
/// segments and verification play no part. With
/// `block-influence` it is ShortGPT (arXiv 2403.03853), with `loss` Shortened-LLaMA's PPL (arXiv 2402.02834).
public record OneShot() implements Method {
    @Override
    public String name() {
        return "one-shot";
    }

    @Override
    public String source() {
        return "ShortGPT, arXiv 2403.03853; Shortened-LLaMA, arXiv 2402.02834";
    }

    /// What it scores is no set of a segment.
    @Override
    public boolean comparesSizes() {
        return true;
    }

    @Override
    public Choice choose(PlanningTask task, Progress progress) {
        var layers = task.open();
        var work = task.meter();
        var search = task.search(task.whole(), task.prepared(work));
        try (var step = progress.step("scoring layers by " + task.criterion().name(), layers.size(), "layers")) {
            var singles = search.singles(layers, step);
            var finite = singles.stream().filter(s -> s.score().finite()).toList();
            if (finite.size() < Math.max(1, task.remove())) {
                throw CandidateSearch.nothingFinite(task.criterion(), singles.size() - finite.size());
            }
            var removed = finite.stream().sorted(Comparator.comparingDouble((ScoredSet s) -> s.score().value()))
                    .limit(task.remove()).map(ScoredSet::layers).reduce(LayerSet.EMPTY, LayerSet::union);
            return Choice.of(task, removed, singles, new Candidates(search.scored(), layers.size(), "each alone",
                    new ForwardEquivalents(0, work.forwardEquivalents() + search.forwardEquivalents(), 0),
                    search.notFinite()));
        }
    }
}
