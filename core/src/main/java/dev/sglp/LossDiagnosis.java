package dev.sglp;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.RankCorrelation;
import dev.sglp.method.Choice;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.model.repair.Remainder;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.report.mechanism.Critical;
import dev.sglp.report.mechanism.Critical.Rise;
import dev.sglp.report.mechanism.Interaction;
import dev.sglp.report.mechanism.Interaction.Own;
import dev.sglp.report.mechanism.Mechanisms;
import dev.sglp.report.mechanism.Premise;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Measures the loss on the calibration data without each layer, without what each segment gives and without all that goes, in one go,
/// so that they share the beginnings of their passes; and what these losses say of the ideas the method rests on. Where sets of layers are
/// looked at as repaired, so are these.
///
/// @param task      what was chosen in
/// @param criterion by which sets were scored, without a memory
record LossDiagnosis(PlanningTask task, Criterion criterion) {

    /// @param dense      loss of the whole network
    /// @param alone      loss without each of `choice.singles()`, in their order
    /// @param mechanisms absent where no layer was left out
    record Found(double dense, List<Double> alone, @Nullable Mechanisms mechanisms) {}

    Found of(Choice choice, SimilarityMatrix similarity, Progress progress) {
        var giving = giving(choice.removed());
        var losses = losses(choice.singles(), giving, progress);
        double dense = losses.get(LayerSet.EMPTY);
        var alone = choice.singles().stream().map(s -> losses.get(s.layers())).toList();
        var rises = choice.singles().stream()
                .map(s -> new Rise(s.layers().indices().getFirst(), losses.get(s.layers()) - dense)).toList();
        return new Found(dense, alone, rises.isEmpty()
                ? null
                : new Mechanisms(premise(rises, similarity), interaction(giving, losses),
                        giving.isEmpty() ? null : Critical.of(rises, choice.removed()),
                        !(task.remainder() instanceof Remainder.Plain)));
    }

    /// What each segment gives, those that give nothing left out.
    private List<LayerSet> giving(LayerSet removed) {
        return task.segmentation().segments().stream()
                .map(segment -> removed.only(segment::contains))
                .filter(layers -> layers.size() > 0).toList();
    }

    private Map<LayerSet, Double> losses(List<Scored> singles, List<LayerSet> giving, Progress progress) {
        var losses = new HashMap<LayerSet, Double>();
        if (criterion.equals(LossWhenAbsent.standard())) { // then a layer's score is its loss
            singles.forEach(s -> losses.put(s.layers(), s.score()));
        }
        var absences = Stream.of(Stream.of(LayerSet.EMPTY), singles.stream().map(Scored::layers), giving.stream(),
                Stream.of(union(giving))).flatMap(s -> s).distinct().filter(s -> !losses.containsKey(s)).toList();
        try (var step = progress.step("loss with each layer absent, for the diagnosis", absences.size(), "sets")) {
            var found = LossWhenAbsent.standard().losses(task.question(absences, step));
            IntStream.range(0, found.length).forEach(i -> losses.put(absences.get(i), found[i]));
        }
        return losses;
    }

    private static LayerSet union(List<LayerSet> sets) {
        return sets.stream().reduce(LayerSet.EMPTY, LayerSet::union);
    }

    /// How alike each layer is to the one before it, ranked against what is lost without it.
    static Premise premise(List<Rise> rises, SimilarityMatrix similarity) {
        var after = rises.stream().filter(r -> r.layer() > 0).toList();
        var ranked = after.stream().filter(r -> Double.isFinite(r.lossIncrease() + toPrevious(r, similarity))).toList();
        var unknown = after.stream().filter(r -> !ranked.contains(r)).map(Rise::layer).toList();
        var correlation = ranked.size() < Premise.LEAST
                ? OptionalDouble.empty()
                : RankCorrelation.of(ranked.stream().mapToDouble(r -> toPrevious(r, similarity)).toArray(),
                        ranked.stream().mapToDouble(Rise::lossIncrease).toArray());
        return new Premise(ranked.size(), after.size() < rises.size(), new LayerSet(unknown),
                correlation.isPresent() ? correlation.getAsDouble() : null);
    }

    private static double toPrevious(Rise rise, SimilarityMatrix similarity) {
        return similarity.get(rise.layer(), rise.layer() - 1);
    }

    private @Nullable Interaction interaction(List<LayerSet> giving, Map<LayerSet, Double> losses) {
        if (giving.isEmpty()) {
            return null;
        }
        double dense = losses.get(LayerSet.EMPTY);
        return Interaction.of(losses.get(union(giving)) - dense, giving.stream()
                .map(layers -> new Own(task.segmentation().find(layers.indices().getFirst()).orElseThrow(), layers,
                        losses.get(layers) - dense))
                .toList());
    }
}
