package dev.sglp;

import dev.sglp.Recipe.Look;
import dev.sglp.data.Stretch;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.letter.Letter;
import dev.sglp.importance.stream.Alone;
import dev.sglp.method.Choice;
import dev.sglp.method.PlanningTask;
import dev.sglp.model.LayerSet;
import dev.sglp.model.repair.Remainder;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.pruning.Trust;
import dev.sglp.pruning.Trust.Halves;
import dev.sglp.pruning.Trust.Rivals;
import dev.sglp.report.Human;
import dev.sglp.similarity.Cka.Passes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks at a choice a second time, to tell how far it can be trusted: whether two halves of the calibration data lead to the same layers,
/// and whether sets whose layers are drawn anew keep their order when they are drawn twice more.
///
/// @param task      what was chosen in
/// @param recipe    how
/// @param criterion by which sets were scored, without a memory
/// @param seconds   what the steps up to the choice took
record SecondLook(PlanningTask task, Recipe recipe, Criterion criterion, Map<String, Double> seconds) {
    private static final double MOST_SECONDS = 20; // of the halves, where nobody asks for them
    private static final int DRAWS = 3;
    private static final String ONE_DRAW = "How far the scores of layers drawn anew spread is not known from one draw: --draws 3 tells.";
    private static final int LEAST = 4; // examples that similarity needs

    Trust at(Choice choice, Progress progress) {
        if (choice.removed().size() == 0) {
            return Trust.none();
        }
        var unknown = new ArrayList<String>();
        var rivals = rivals(choice, unknown, progress);
        var halves = halves(choice, unknown, progress);
        return new Trust(halves.orElse(null), rivals, unknown);
    }

    private Optional<Halves> halves(Choice choice, List<String> unknown, Progress progress) {
        var hindrance = hindrance(choice);
        if (hindrance.isEmpty()) {
            try {
                long start = System.nanoTime();
                var first = chosen(half(0), new Named(progress, "first half: "));
                var second = chosen(half(1), new Named(progress, "second half: "));
                return Optional.of(Halves.of(first, second, (System.nanoTime() - start) / 1e9));
            } catch (InputException | UsageException e) {
                hindrance = "on halves of them there is no choice: " + e.getMessage();
            }
        }
        unknown.add("Whether other calibration data would lead to other layers is not known: %s.".formatted(hindrance));
        return Optional.empty();
    }

    /// Why it is not chosen again on halves; empty where it is.
    private String hindrance(Choice choice) {
        if (half(0).size() == 0 || recipe.cka().examples(half(0)) < LEAST) {
            return "there are too few to halve them";
        }
        double estimate = estimate(choice);
        return switch (recipe.compute().secondLook()) {
            case YES -> "";
            case AUTO -> estimate <= MOST_SECONDS
                    ? ""
                    : "to choose again on two halves of them would take about %s (--second-look yes)"
                            .formatted(Human.seconds(estimate));
            case NO -> "it was not chosen again on two halves of them (--second-look yes)";
        };
    }

    /// Both halves together take as long as the whole, but for what is verified, which is whole each time.
    private double estimate(Choice choice) {
        var work = choice.candidates().forwardEquivalents();
        double once = work == null ? 0 : work.scores() + work.verification();
        double times = work == null || once == 0 ? 1 : 1 + work.verification() / once;
        return seconds.getOrDefault("similarity", 0.0) + times * seconds.getOrDefault("importance", 0.0);
    }

    private Stretch half(int number) {
        var all = task.calibration().examples();
        int middle = all.size() / 2;
        return number == 0 ? new Stretch(all, 0, middle) : new Stretch(all, middle, all.size());
    }

    private LayerSet chosen(Stretch items, Progress progress) {
        var calibration = new Calibration(items, task.calibration().batchSize(), task.calibration().seed())
                .read(task.model(), recipe.method().hears(criterion, task.wanted()),
                        task.remainder() instanceof Remainder.Plain
                                ? new Alone(task.open(), Progress.silent())
                                : Alone.NOBODY,
                        task.remove());
        var cut = recipe.segments().of(recipe.cka()
                .of(new Passes(task.model(), items, Sglp.listening(calibration)), List.of(), progress).whole());
        return recipe.method().choose(task.on(cut, calibration), progress).removed();
    }

    /// One draw tells nothing of how far draws spread: two more, of the set that goes from each segment and of the best other one.
    private List<Rivals> rivals(Choice choice, List<String> unknown, Progress progress) {
        if (criterion instanceof Letter letter && letter.draws() == 1) {
            unknown.add(ONE_DRAW);
        }
        if (!(criterion instanceof GradNorm drawn && drawn.drawsWeights() && drawn.draws() == 1)) {
            return List.of();
        }
        var pairs = choice.choices().stream().flatMap(c -> pair(choice, c).stream()).toList();
        if (recipe.compute().secondLook() == Look.NO || pairs.isEmpty()) {
            unknown.add(ONE_DRAW);
            return List.of();
        }
        try (var step = progress.step("drawing what goes and its nearest rivals twice more", 2L * pairs.size(),
                "sets")) {
            return pairs.stream().map(pair -> {
                var sets = List.of(pair.removed.layers(), pair.rival.layers());
                var scores = drawn.goOn(task.question(pair.segment, sets, step),
                        List.of(Score.of(pair.removed.score()), Score.of(pair.rival.score())), DRAWS);
                return new Rivals(pair.segment, DRAWS,
                        new Scored(sets.getFirst(), scores.getFirst().value(), scores.getFirst().spread()),
                        new Scored(sets.getLast(), scores.getLast().value(), scores.getLast().spread()));
            }).toList();
        }
    }

    private record Pair(int segment, Scored removed, Scored rival) {}

    /// Absent where there was nothing to choose from, or another method found the set that goes.
    private Optional<Pair> pair(Choice choice, SegmentChoice of) {
        var segment = task.segmentation().segment(of.segment());
        var gone = choice.removed().only(segment::contains);
        var finite = of.scores().stream().filter(s -> Double.isFinite(s.score())).toList();
        var removed = finite.stream().filter(s -> s.layers().equals(gone)).findFirst();
        var rival = finite.stream().filter(s -> !s.layers().equals(gone)).findFirst();
        return removed.isPresent() && rival.isPresent()
                ? Optional.of(new Pair(of.segment(), removed.get(), rival.get()))
                : Optional.empty();
    }

    /// Tells whose steps these are; what a choice says was said once.
    private record Named(Progress progress, String whose) implements Progress {
        @Override
        public Step step(String name, long total, String unit) {
            return progress.step(whose + name, total, unit);
        }

        @Override
        public void say(String line) {}
    }
}
