package dev.sglp.study;

import dev.sglp.Mending;
import dev.sglp.Stopwatch;
import dev.sglp.View;
import dev.sglp.Writing;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Latencies;
import dev.sglp.evaluation.Readout;
import dev.sglp.evaluation.embedding.Answered;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.importance.stream.Alone;
import dev.sglp.ledger.SharedScores;
import dev.sglp.method.Auto;
import dev.sglp.method.Method.Wanted;
import dev.sglp.method.PlanningTask;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Repair;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.report.study.Also;
import dev.sglp.report.study.StudyRow.Chosen;
import dev.sglp.report.study.StudyRow.Measured;
import dev.sglp.segmentation.Fisher;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.segmentation.Stability;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Resamples;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The dense network and its data, and what the rows of a study share: the dense network's answers and similarity
/// matrices. Close it.
public final class Workbench implements AutoCloseable {
    private static final int TOGETHER = 4; // a study that is killed loses as many

    private final ModelFile file;
    private final DataRoles data;
    private final List<Exam> exams;
    private final Settings settings;
    private final Progress progress;
    private final Weights weights;
    private final LayeredModel dense;
    private final Map<List<Object>, Similarity> similarities = new HashMap<>();
    private final Map<List<Object>, PrecisionChoice> precisions = new HashMap<>();
    private final long opened = System.nanoTime();
    private long timing; // nanoseconds
    private @Nullable Readout answers;
    private final Answered.Known answered;

    /// What all rows have in common.
    ///
    /// @param batchSize    examples a forward pass
    /// @param seed         of the resampling of calibration examples
    /// @param kept         layers that must stay, besides those that cannot go
    /// @param verification how the best plans that nothing repairs are compared: as the network will run after most healings
    /// @param latency      how long forward passes are timed, each time
    /// @param dtype        what sets of layers are scored in; absent: as the method is used to
    /// @param weightSeed   of weights that are drawn in every row; absent: each row's own seed
    public record Settings(int batchSize, long seed, LayerSet kept, Pass verification, Budget latency,
            Optional<Wish> dtype,
            @Nullable Long weightSeed) {
        /// Sets that are looked at as repaired run by the stored statistics, to which a repair fits them.
        Pass verification(Variant variant) {
            return variant.seen() instanceof NoRepair ? verification : Pass.evaluation();
        }

        /// Of what this criterion draws in a row.
        long seed(Criterion criterion, long own) {
            return weightSeed != null && criterion.drawsWeights() ? weightSeed : own;
        }
    }

    private record Similarity(Cka.Resampled matrices, double seconds, double forwardEquivalents) {}

    /// Measured on the report data alone.
    public Workbench(ModelFile file, DataRoles data, Settings settings, Progress progress) throws IOException {
        this(file, data, List.of(), settings, progress);
    }

    /// @param exams further data that every network is measured on
    public Workbench(ModelFile file, DataRoles data, List<Exam> exams, Settings settings, Progress progress)
            throws IOException {
        this.file = file;
        this.data = data;
        this.exams = List.copyOf(exams);
        this.settings = settings;
        this.progress = progress;
        weights = file.forReading();
        dense = file.architecture().build(weights);
        answered = new Answered.Known(dense, progress);
    }

    LayeredModel dense() {
        return dense;
    }

    /// As they were read; what is chosen and repaired on may have to be answered first, see {@link #asked}.
    DataRoles data() {
        return data;
    }

    /// What is chosen and repaired on: answered by the dense network where it is an encoder, at the first use.
    private DataRoles asked() {
        return answered.roles(data);
    }

    ModelFile file() {
        return file;
    }

    List<Exam> exams() {
        return exams;
    }

    Settings settings() {
        return settings;
    }

    /// Which layers this way of choosing removes, on these calibration data.
    ///
    /// @param scores those already known
    Chosen choose(Variant variant, int remove, Dataset examples, SharedScores scores) {
        scores.saved();
        var clock = new Stopwatch();
        var similarity = variant.cut() instanceof Cut.Similar ? similarity(variant.cka(), examples) : null;
        var cut = clock.time("choice", () -> cut(variant.cut(), similarity, dense.layers().size()));
        var criterion = variant.method().criterion(variant.criterion());
        boolean verifies = variant.limits().verify() > 0 && data.verification().size() > 0;
        var wanted = Wanted.of(dense, settings.kept, remove, verifies);
        var calibration = new Calibration(answered.of(examples), settings.batchSize,
                settings.seed(criterion, variant.seed()))
                .read(dense, variant.method().hears(criterion, wanted), Alone.NOBODY, remove);
        var precision = precision(variant, criterion, scores);
        var choice = clock.time("choice", () -> {
            try (var sums = DenseSums.of(dense);
                    var view = View.of(dense, asked().repair().fit(), how(variant.seen(), sums),
                            View.Going.of(dense, settings.kept, remove, variant.method()), progress)) {
                var task = new PlanningTask(dense, cut, scores.of(criterion.in(precision)), remove, settings.kept,
                        calibration, new Verification(asked().verification(), settings.verification(variant),
                                variant.limits().decide()),
                        variant.limits(),
                        view.remainder(), view.finals(), own -> scores.of(own.in(precision)));
                return variant.method().choose(task, progress);
            }
        });
        double seconds = clock.seconds().get("choice") + scores.saved() + (similarity == null ? 0 : similarity.seconds);
        return new Chosen(choice.removed(), cut, choice.quota(),
                choice.candidates().after(similarity == null ? 0 : similarity.forwardEquivalents), seconds,
                precision.name().toLowerCase(Locale.ROOT));
    }

    /// Measured once a criterion, on the same data whichever row comes first.
    private Precision precision(Variant variant, Criterion criterion, SharedScores scores) {
        var wish = settings.dtype.orElseGet(() -> PrecisionChoice.usual(dense.layout(),
                variant.method() instanceof Auto));
        return precisions.computeIfAbsent(List.of(criterion, wish), _ -> {
            var calibration = new Calibration(answered.of(data.calibration()), settings.batchSize,
                    settings.seed(criterion, settings.seed));
            var choice = scores.precision(wish, criterion, calibration,
                    () -> PrecisionChoice.of(wish, criterion, dense, calibration));
            if (!choice.why().isEmpty()) {
                progress.say(choice.why());
            }
            return choice;
        }).precision();
    }

    private static Segmentation cut(Cut cut, @Nullable Similarity similarity, int layers) {
        return switch (cut) {
            case Cut.Equal(int k) -> Fisher.equal(layers, k);
            case Cut.Similar(var segments) -> {
                var matrices = java.util.Objects.requireNonNull(similarity).matrices;
                var found = segments.of(matrices.whole());
                yield matrices.subsets().isEmpty()
                        ? found
                        : found.with(Stability.of(found, matrices.subsets(), segments.features(), Resamples.SHARE));
            }
        };
    }

    private Similarity similarity(Cka cka, Dataset examples) {
        return similarities.computeIfAbsent(List.of(cka, examples), _ -> {
            long start = System.nanoTime();
            var work = new Meter(dense, examples.size());
            var found = cka.of(work.counting(dense), examples,
                    Resamples.of(cka.examples(examples), settings.seed).items(),
                    progress);
            return new Similarity(found, (System.nanoTime() - start) / 1e9, work.forwardEquivalents());
        });
    }

    /// The dense network on the report data.
    Evaluation evaluateDense() {
        var quality = evaluator().evaluate(dense, answers());
        return settings.latency.times() ? quality.with(timed(List.of(dense)).getFirst()) : quality;
    }

    /// The dense network on further data.
    List<Also> examineDense() {
        return examined(List.of(dense)).getFirst();
    }

    /// On all further data, by network.
    private List<List<Also>> examined(List<LayeredModel> networks) {
        var all = exams.stream().map(exam -> exam.of(dense, networks, progress)).toList();
        return IntStream.range(0, networks.size()).mapToObj(i -> all.stream().map(found -> found.get(i)).toList())
                .toList();
    }

    /// A tenth of the study's time goes to all timing together, where every network gets some seconds.
    private List<Latency> timed(List<LayeredModel> models) {
        long start = System.nanoTime();
        var times = Latencies.of(models, data.report(), settings.latency.after((start - opened) / 1e9, timing / 1e9),
                progress);
        timing += System.nanoTime() - start;
        return times;
    }

    private Evaluator evaluator() {
        return new Evaluator(data.report(), settings.batchSize);
    }

    private Readout answers() {
        var known = answers;
        if (known == null) {
            known = evaluator().predict(dense, progress);
            answers = known;
        }
        return known;
    }

    /// Whether text is read.
    boolean text() {
        return dense.layout().tokens();
    }

    /// How many networks are measured at a time where nothing is healed: those of a language model share work.
    int together() {
        return dense.objective().answer().token() ? TOGETHER : 1;
    }

    /// The network without each of these sets of layers, as it is.
    List<Measured> measure(List<LayerSet> removed, Treatment treatment, boolean timed) {
        var found = new ArrayList<Measured>();
        var qualities = evaluator().compare(dense, removed, answers(), progress);
        var networks = removed.stream().map(dense::without).toList();
        var further = examined(networks);
        for (int i = 0; i < removed.size(); i++) {
            found.add(measured(networks.get(i), qualities.get(i), new Healed(treatment.name(), 0), timed)
                    .with(further.get(i)));
        }
        return found;
    }

    /// The network without these layers, healed on weights of its own.
    ///
    /// @param timed whether its forward passes are timed, in turn with the dense network's
    Measured measure(LayerSet removed, Treatment treatment, boolean timed) throws IOException {
        if (treatment.repairs()) {
            return repaired(removed, treatment, timed);
        }
        try (var own = file.forTraining()) {
            var pruned = file.architecture().build(own).without(removed);
            var clock = new Stopwatch();
            clock.time("heal", () -> treatment.healing().heal(pruned, asked(), settings.batchSize, progress));
            return measured(pruned, evaluator().compare(pruned, answers(), progress),
                    new Healed(treatment.name(), clock.seconds().get("heal")), timed);
        }
    }

    private Mending.How how(Repair repair, DenseSums sums) {
        return new Mending.How(repair, settings.batchSize, settings.seed, sums);
    }

    private Measured repaired(LayerSet removed, Treatment treatment, boolean timed) {
        var how = how(treatment.repair(), DenseSums.none());
        var clock = new Stopwatch();
        var found = clock.time("repair",
                () -> new Mending(dense, removed, asked(), how).with(Writing.none(), progress));
        try (var repaired = found.repaired()) {
            var network = repaired.network();
            return measured(network, evaluator().compare(network, answers(), progress),
                    new Healed(treatment.name(), clock.seconds().get("repair")), timed)
                    .with(examined(List.of(network)).getFirst());
        }
    }

    private record Healed(String name, double seconds) {}

    private Measured measured(LayeredModel pruned, Evaluation quality, Healed healed, boolean timed) {
        if (!timed || !settings.latency.times()) {
            return new Measured(healed.name, quality, null, healed.seconds);
        }
        var times = timed(List.of(dense, pruned));
        return new Measured(healed.name, quality.with(times.getLast()), times.getFirst(), healed.seconds);
    }

    @Override
    public void close() {
        exams.forEach(Exam::close);
        if (answers != null) {
            answers.close();
        }
        weights.close();
    }
}
