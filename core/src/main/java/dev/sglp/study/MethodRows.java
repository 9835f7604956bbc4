package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.RandomChoice;
import dev.sglp.importance.letter.Letter;
import dev.sglp.method.Auto;
import dev.sglp.method.Method;
import dev.sglp.method.OnePass;
import dev.sglp.method.OneShot;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.method.Sleb;
import dev.sglp.method.control.Tail;
import dev.sglp.method.stream.Clusters;
import dev.sglp.method.stream.Contiguous;
import dev.sglp.method.stream.PruneComp;
import dev.sglp.model.Pass;
import dev.sglp.repair.Refit;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.segmentation.Fisher;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Cka.Estimator;
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
    private static final int DRAWS = 5;

    /// Every row, one for each seed where nothing but a seed decides.
    public List<Variant> all() {
        boolean tokens = cka.representation().tokens();
        var rows = new ArrayList<Variant>();
        for (var criterion : List.of(GradNorm.standard(), GradNorm.skipping(), LossWhenAbsent.standard(), Kl.standard(),
                new BlockInfluence())) {
            rows.add(sglp(criterion));
        }
        if (!tokens) {
            rows.add(byBatch(LossWhenAbsent.standard()));
            rows.add(byBatch(Kl.standard()));
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
        if (tokens) {
            rows.add(contiguous());
            rows.add(alone(new Label("clusters", "LoRP, spectral clusters", "the most redundant of each cluster"),
                    new Clusters(), LossWhenAbsent.standard()));
            rows.add(alone(new Label("prune-comp", "Prune&Comp, one by one", "block influence of what is left, scaled"),
                    new PruneComp(), new BlockInfluence()));
        }
        rows.add(alone(new Label("tail", "the last layers", "a control that looks at nothing"), new Tail(),
                LossWhenAbsent.standard()));
        if (limits.verify() > 0) {
            rows.addAll(meeting());
        }
        return List.copyOf(rows);
    }

    private Variant contiguous() {
        return alone(new Label("contiguous", "contiguous run, angular distance",
                "the run through which the stream turns least"), new Contiguous(), LossWhenAbsent.standard());
    }

    /// Those in which the plans of several methods meet.
    private List<Variant> meeting() {
        return List.of(new Variant(
                new Label("auto", "auto: the best of several methods",
                        "the best plans of each, the lowest loss on the verification data wins"),
                cka, Cut.fisher(Segments.USUAL), new Auto(), LossWhenAbsent.standard(), limits, seed),
                new Variant(
                        new Label("best", "best: auto by kl with the repair in view, polished",
                                "what the repair in view adds: the default of prune"),
                        cka, Cut.fisher(Segments.USUAL), new Auto(), Kl.standard(),
                        new Limits(limits.candidates(), limits.verify(), Limits.POLISH, limits.decide()), seed)
                        .seeing(Refit.standard()),
                new Variant(
                        new Label("fast", "fast: block influence or a contiguous run",
                                "two plans of one pass, compared as repaired before their gaps"),
                        cka, new Cut.Equal(1), new OnePass(), new BlockInfluence(), limits, seed)
                        .seeing(Refit.standard()));
    }

    /// The rows of these ids, in the order of {@link #all}, then those that take long: GradNorm over several draws, the paper's sentence word for word,
    /// the paper's preset; and the contiguous run where nothing else goes by tokens.
    ///
    /// @throws UsageException where there is none of an id; lists the known ones
    public List<Variant> named(List<String> ids) {
        var all = new ArrayList<>(all());
        all.add(sglp(GradNorm.over(DRAWS)).named("gradnorm-%d-draws".formatted(DRAWS),
                "SGLP, gradnorm, %d draws".formatted(DRAWS), "the mean over several random weights"));
        all.add(sglp(Letter.standard()));
        all.add(sglp(Letter.accumulated()));
        all.add(new Variant(new Label("paper", "paper: SGLP as the authors' code does it",
                "the paper's sentence inside segments by row means, plans not verified"),
                cka.representation().tokens() ? cka : cka.with(Estimator.AVERAGED),
                new Cut.Similar(new Segments(Segments.USUAL, Fisher.Features.MEAN)), sglp, Letter.standard(),
                new Limits(limits.candidates(), 0), seed));
        if (!cka.representation().tokens()) {
            all.add(contiguous());
        }
        ids.stream().filter(id -> all.stream().noneMatch(v -> v.label().id().equals(id))).findFirst().ifPresent(id -> {
            throw new UsageException("--rows '%s' is no row here%s. Known: %s".formatted(id,
                    List.of("auto", "best", "fast").contains(id)
                            ? ": it compares plans on the verification data (--verify is 0)"
                            : "",
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

    private Variant byBatch(Criterion criterion) {
        var usual = sglp(criterion.by(Pass.batchStatistics()));
        return usual.named(criterion.name() + "-batch", "SGLP, %s by batch statistics".formatted(criterion.name()),
                "%s of networks as bn leaves them".formatted(criterion.name()));
    }

    private Variant alone(Label label, Method method, Criterion criterion) {
        return new Variant(label, cka, new Cut.Equal(1), method, criterion,
                new Limits(limits.candidates(), 0), seed);
    }
}
