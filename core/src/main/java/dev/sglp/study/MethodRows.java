package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.RandomChoice;
import dev.sglp.method.Auto;
import dev.sglp.method.Method;
import dev.sglp.method.OneShot;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.method.Sleb;
import dev.sglp.method.control.Tail;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.similarity.Cka;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The methods beside each other: SGLP with each of its scores, and its rivals.
///
/// @param cka    how SGLP compares layers
/// @param sglp   SGLP itself
/// @param limits of SGLP
/// @param seed   of everything random
public record MethodRows(Cka cka, SglpMethod sglp, Limits limits, long seed) {

    /// Every row, one for each seed where nothing but a seed decides.
    public List<Variant> all() {
        var rows = new ArrayList<Variant>();
        for (var criterion : List.of(GradNorm.standard(), GradNorm.skipping(), LossWhenAbsent.standard(),
                new BlockInfluence())) {
            rows.add(sglp(criterion));
        }
        for (var criterion : List.of(new BlockInfluence(), LossWhenAbsent.standard(), new Magnitude())) {
            rows.add(alone(new Label("one-shot-" + criterion.name(), "one-shot %s".formatted(criterion.name()),
                    "each layer scored alone, the lowest go together"), new OneShot(), criterion));
        }
        var random = alone(new Label("random", "any layers at random", "what every choice has to beat"), new OneShot(),
                new RandomChoice());
        IntStream.range(0, Variants.SEEDS).mapToObj(i -> random.seeded(seed + i)).forEach(rows::add);
        rows.add(alone(new Label("sleb", "SLEB, one by one", "each layer scored given those that are gone"),
                new Sleb(), LossWhenAbsent.standard()));
        rows.add(alone(new Label("tail", "the last layers", "a control that looks at nothing"), new Tail(),
                LossWhenAbsent.standard()));
        if (limits.verify() > 0) {
            rows.add(new Variant(
                    new Label("auto", "auto: SGLP by loss, SLEB, block influence",
                            "the best plans of each, the lowest loss on the verification data wins"),
                    cka, Cut.fisher(Segments.USUAL), new Auto(), LossWhenAbsent.standard(), limits, seed));
        }
        return List.copyOf(rows);
    }

    /// The rows of these ids, in the order of {@link #all}.
    ///
    /// @throws UsageException where there is none of an id; lists the known ones
    public List<Variant> named(List<String> ids) {
        var all = all();
        ids.stream().filter(id -> all.stream().noneMatch(v -> v.label().id().equals(id))).findFirst().ifPresent(id -> {
            throw new UsageException("--rows '%s' is no row here%s. Known: %s".formatted(id,
                    id.equals("auto") ? ": it compares plans on the verification data (--verify is 0)" : "",
                    all.stream().map(v -> v.label().id()).distinct().collect(Collectors.joining(", "))));
        });
        return all.stream().filter(v -> ids.contains(v.label().id())).toList();
    }

    private Variant sglp(Criterion criterion) {
        return new Variant(
                new Label(criterion.name(), "SGLP, %s%s".formatted(criterion.name(), sglp.words()),
                        "%s inside three segments, %s".formatted(criterion.name(),
                                limits.verify() == 0 ? "plans not verified" : "the best plans verified")),
                cka, Cut.fisher(Segments.USUAL), sglp, criterion, limits, seed);
    }

    private Variant alone(Label label, Method method, Criterion criterion) {
        return new Variant(label, cka, new Cut.Equal(1), method, criterion,
                new Limits(limits.candidates(), 0), seed);
    }
}
