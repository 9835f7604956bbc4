package dev.sglp;

import dev.sglp.Notebook.SimilarityPass;
import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.embedding.Answered;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.importance.stream.Alone;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.importance.stream.StreamReading;
import dev.sglp.ledger.SharedScores;
import dev.sglp.method.Choice;
import dev.sglp.method.Method.Wanted;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Trust;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.segmentation.Stability;
import dev.sglp.similarity.Along;
import dev.sglp.similarity.Cka.Passes;
import dev.sglp.similarity.Resamples;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Similarity guided layer pruning (SGLP, arXiv 2410.14720).
public final class Sglp {
    private Sglp() {}

    /// Makes a network shallower: how similar its layers are, where they fall into segments, which of each segment it misses
    /// least; removes those, heals the rest, and measures before and after.
    ///
    /// The weights of `dense` are healed in place: copy them first to keep them. Tensors that a repair changed belong to the network
    /// that is returned.
    public static Outcome run(LayeredModel dense, DataRoles data, Recipe recipe, Progress progress) {
        return run(dense, data, recipe, new Around(Notebook.none(), Writing.none(), progress));
    }

    /// What stands around a run.
    ///
    /// @param notebook remembers on the way what takes long to find out
    /// @param writing  what becomes of the pruned network when it is written: it is measured afterwards
    /// @param stages   who meets the networks on the way
    /// @param progress who is told
    public record Around(Notebook notebook, Writing writing, Stages stages, Progress progress) {
        /// Nobody meets them.
        public Around(Notebook notebook, Writing writing, Progress progress) {
            this(notebook, writing, Stages.NOBODY, progress);
        }
    }

    /// Meets each network that a run makes as soon as it is there.
    @FunctionalInterface
    public interface Stages {
        Stages NOBODY = (_, _) -> {};

        /// @param state what it is: `dense`, `pruned`, `repaired`, `healed`, or `written` where nothing was done; the last one has the numbers that are written
        void reached(String state, LayeredModel network);
    }

    /// The same among others. What is written is what is measured last.
    public static Outcome run(LayeredModel dense, DataRoles roles, Recipe recipe, Around around) {
        var progress = around.progress;
        recipe.remove(dense.layers().size(), dense.removable()); // fails before any work is done
        if (repairs(recipe)) {
            fit(dense, roles).checkFit(Memory.availableBytes(), progress);
            recipe.repair().check(fit(dense, roles));
        }
        var clock = new Stopwatch();
        var data = clock.time("evaluate dense", () -> Answered.roles(dense, roles, progress));
        var evaluator = new Evaluator(data.report(), recipe.compute().batchSize());
        try (var reference = clock.time("evaluate dense", () -> evaluator.predict(dense, progress));
                var sums = sums(dense, roles, recipe, progress)) {
            var before = clock.time("evaluate dense", () -> evaluator.evaluate(dense, reference));
            var analysis = around.notebook.analysis(clock, () -> recipe.removesNothing()
                    ? segment(dense, data, recipe, clock, progress)
                    : analyze(dense, data, recipe, around, clock, sums));
            sums.ended();
            var layers = analysis.choice().removed();
            var removal = new Removal(dense, layers, data, recipe, around, evaluator, sums);
            return removal.outcome(analysis, before, reference, clock);
        }
    }

    /// Everything up to the choice; nothing is removed.
    public static Analysis analyze(LayeredModel dense, DataRoles data, Recipe recipe, Stopwatch clock,
            Progress progress) {
        return analyze(dense, data, recipe, Notebook.none(), clock, progress);
    }

    /// The same, remembering scores on the way.
    public static Analysis analyze(LayeredModel dense, DataRoles roles, Recipe recipe, Notebook notebook,
            Stopwatch clock, Progress progress) {
        return analyze(dense, roles, recipe, new Around(notebook, Writing.none(), progress), clock);
    }

    /// The same, looking at plans as they will be written.
    public static Analysis analyze(LayeredModel dense, DataRoles roles, Recipe recipe, Around around,
            Stopwatch clock) {
        if (repairs(recipe) && View.asked(recipe, roles) && !dense.layout().tokens()) { // of text fewer are looked at
            fit(dense, roles).checkFit(Memory.availableBytes(), around.progress);
        }
        try (var sums = sums(dense, roles, recipe, around.progress)) {
            return analyze(dense, roles, recipe, around, clock, sums);
        }
    }

    private static boolean repairs(Recipe recipe) {
        return recipe.repair().fits() && !recipe.removesNothing();
    }

    private static RepairTask fit(LayeredModel dense, DataRoles roles) {
        return new RepairTask(dense, LayerSet.EMPTY, roles.repair().fit(), 1);
    }

    /// For what repairs find out of the dense network.
    private static DenseSums sums(LayeredModel dense, DataRoles roles, Recipe recipe, Progress progress) {
        boolean shared = LayerSource.of(dense).isEmpty() || View.asked(recipe, roles); // on disk for several repairs alone
        if (!repairs(recipe) || !shared) {
            return DenseSums.none();
        }
        var sums = DenseSums.of(dense);
        fit(dense, roles).expect(sums, progress);
        return sums;
    }

    private static Analysis analyze(LayeredModel dense, DataRoles roles, Recipe recipe, Around around,
            Stopwatch clock, DenseSums sums) {
        var notebook = around.notebook;
        var progress = around.progress;
        int remove = recipe.remove(dense.layers().size(), dense.removable());
        var data = clock.time("similarity", () -> Answered.roles(dense, roles, progress));
        var asked = recipe.method().criterion(recipe.criterion());
        var calibration = new Calibration(data.calibration(), recipe.compute().batchSize(),
                recipe.compute().weightSeed())
                .read(dense, hears(recipe, asked, Wanted.of(dense, recipe.kept(), remove,
                        recipe.limits().verify() > 0 && data.verification().size() > 0)),
                        alone(dense, data, recipe, notebook, progress), remove);
        var found = segment(dense, calibration, recipe, around, clock);
        try (var view = clock.time("repairs in view", () -> View.of(dense, data, recipe, sums, around))) {
            var precision = clock.time("precision",
                    () -> notebook.precision(recipe.compute().dtype(), asked, calibration,
                            () -> PrecisionChoice.of(recipe.compute().dtype(), asked, dense, recipe.kept(),
                                    calibration)));
            if (!precision.why().isEmpty()) {
                progress.say(precision.why());
            }
            var criterion = asked.in(precision.precision());
            var task = new PlanningTask(dense, found.segmentation(), notebook.remembering(criterion), remove,
                    recipe.kept(), calibration,
                    new Verification(data.verification(), recipe.verification(), recipe.limits().decide()),
                    recipe.limits(),
                    view.remainder(), view.finals(),
                    other -> notebook.remembering(other.in(precision.precision())));
            return analyzed(task, criterion,
                    new Run(found, recipe, precision, view.notes(), notebook, clock, progress));
        }
    }

    /// What is asked of the dense network's stream, and for the diagnosis.
    private static Set<Hearing> hears(Recipe recipe, Criterion asked, Wanted wanted) {
        var all = new HashSet<>(recipe.method().hears(asked, wanted));
        if (recipe.compute().diagnosis()) {
            all.add(Hearing.LOSSES);
        }
        return all;
    }

    /// The layers that are scored alone as they are, in float32, and of which nothing is known yet.
    private static Alone alone(LayeredModel dense, DataRoles data, Recipe recipe, Notebook notebook,
            Progress progress) {
        return View.isPlain(dense, data, recipe) && recipe.compute().dtype() != Wish.BFLOAT16 && !notebook.begun()
                ? new Alone(dense.removable().without(recipe.kept()).indices(), progress)
                : new Alone(List.of(), progress);
    }

    /// What a choice is part of.
    ///
    /// @param found similarity and segments
    /// @param view  which sets are looked at otherwise than they would be repaired
    private record Run(Analysis found, Recipe recipe, PrecisionChoice precision, List<String> view, Notebook notebook,
            Stopwatch clock,
            Progress progress) {}

    private static Analysis analyzed(PlanningTask task, Criterion criterion, Run run) {
        var clock = run.clock;
        var choice = clock.time("importance", () -> run.recipe.method().choose(task, run.progress))
                .after(run.found.choice().similarity());
        clock.add(Map.of("importance", run.notebook.saved()));
        var look = new SecondLook(task, run.recipe, criterion, clock.seconds());
        var trust = clock.time("second look", () -> look.at(choice, run.progress));
        clock.add(Map.of("second look", run.notebook.saved()));
        var found = run.found;
        var why = run.precision.why();
        if (!run.recipe.compute().diagnosis()) {
            return new Analysis(found.similarity(), found.segmentation(), choice, Double.NaN, List.of(), why, run.view,
                    trust, null);
        }
        var diagnosis = clock.time("diagnosis",
                () -> new LossDiagnosis(task, criterion).of(choice, found.similarity(), run.progress));
        return new Analysis(found.similarity(), found.segmentation(), choice, diagnosis.dense(), diagnosis.alone(), why,
                run.view, trust, diagnosis.mechanisms());
    }

    /// How similar the layers are and where they fall into segments; no layer is scored.
    public static Analysis segment(LayeredModel dense, DataRoles data, Recipe recipe, Stopwatch clock,
            Progress progress) {
        return segment(dense,
                new Calibration(data.calibration(), recipe.compute().batchSize(), recipe.compute().weightSeed()),
                recipe, new Around(Notebook.none(), Writing.none(), progress), clock);
    }

    /// Those who ask something of the calibration data, while similarity runs them.
    static Along listening(Calibration data) {
        return Along.of(data::along, data.sideBySide());
    }

    /// From a pass that tells those who listen to the calibration data what they ask.
    private static Analysis segment(LayeredModel dense, Calibration data, Recipe recipe, Around around,
            Stopwatch clock) {
        var pass = clock.time("similarity", () -> remembered(dense, data, recipe, around));
        clock.add(Map.of("similarity", around.notebook.saved()));
        var found = pass.matrices();
        var segmentation = clock.time("segmentation", () -> {
            var cut = recipe.segments().of(found.whole());
            return found.subsets().isEmpty()
                    ? cut
                    : cut.with(Stability.of(cut, found.subsets(), recipe.segments().features(), Resamples.SHARE));
        });
        return new Analysis(found.whole(), segmentation, Choice.none(segmentation).after(pass.forwardEquivalents()),
                Double.NaN, List.of(), "", List.of(), Trust.none(), null);
    }

    /// The pass for similarity, which takes long where layers are read from a file: its numbers are kept for a run that is stopped.
    private static SimilarityPass remembered(LayeredModel dense, Calibration data, Recipe recipe, Around around) {
        if (LayerSource.of(dense).isEmpty()) {
            return similarity(dense, data, recipe, around.progress);
        }
        var question = "%s; resampled by %d; %s; batches of %d; %s".formatted(recipe.cka(), recipe.compute().seed(),
                SharedScores.digest(data.examples()), data.batchSize(),
                data.reading().map(StreamReading::words).orElse("nobody listens"));
        var pass = around.notebook.similarity(question, () -> similarity(dense, data, recipe, around.progress));
        data.reading().ifPresent(reading -> reading.take(pass.stream()));
        return pass;
    }

    private static SimilarityPass similarity(LayeredModel dense, Calibration data, Recipe recipe, Progress progress) {
        long start = System.nanoTime();
        var work = data.meter(dense);
        var resamples = Resamples.of(recipe.cka().examples(data.examples()), recipe.compute().seed());
        var found = recipe.cka().of(new Passes(work.counting(dense), data.examples(), listening(data)),
                resamples.items(), progress);
        var heard = data.reading().map(StreamReading::known).orElse(StreamReading.Known.NOTHING);
        return new SimilarityPass(found, heard, (System.nanoTime() - start) / 1e9, work.forwardEquivalents());
    }
}
