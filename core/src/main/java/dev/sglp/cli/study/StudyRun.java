package dev.sglp.cli.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.data.Modality;
import dev.sglp.cli.repair.RepairOptions;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.output.AtomicFile;
import dev.sglp.progress.Progress;
import dev.sglp.report.study.StudyFiles;
import dev.sglp.report.study.StudyRecord;
import dev.sglp.report.study.StudyTables;
import dev.sglp.similarity.Cka;
import dev.sglp.study.Exam;
import dev.sglp.study.Study;
import dev.sglp.study.StudyPlan;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.StudyPlan.Trained;
import dev.sglp.study.Treatment;
import dev.sglp.study.Variant;
import dev.sglp.study.Variants;
import dev.sglp.study.Workbench;
import dev.sglp.training.Augmentation;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// One study with all its files.
///
/// @param data where images or texts come from
record StudyRun(CommonOptions common, DataOptions data, StudyOptions options) {

    /// What a study is made of once the network is known.
    ///
    /// @param name     of the study
    /// @param variants its rows
    record Rows(String name, List<Variant> variants) {}

    /// A network, what it is studied on, and who is told.
    record Bench(ModelFile file, DataRoles roles, Progress progress) {}

    /// The rows of a variant list, on the calibration images, for every number of layers.
    void run(ModelFile file, Rows rows) throws IOException {
        var removes = options.removes(file);
        check(file);
        var trained = options.epochs().isEmpty()
                ? Set.<String>of()
                : options.trainRows(rows.variants.stream().map(v -> v.label().id()).toList(),
                        "sglp,block-influence,random");
        var bench = start(file, rows.name);
        var jobs = removes.stream()
                .flatMap(r -> rows.variants.stream().map(v -> new Job(v, r, bench.roles.calibration()))).toList();
        finish(bench, new StudyPlan(rows.name, jobs, treatments(bench), new Trained(trained, options.trainSeeds()),
                StudyPlan.Sizes.none()));
    }

    /// Checks every flag before weights or data are read.
    void check(ModelFile file) throws IOException {
        data.check(file, common.given());
        checkRest(file);
    }

    /// The same where several `--test` are taken.
    void checkTests(ModelFile file) throws IOException {
        data.checkTests(file, common.given());
        checkRest(file);
    }

    private void checkRest(ModelFile file) throws IOException {
        int layers = file.architecture().layers().size();
        if (layers < Segments.USUAL) {
            throw new UsageException(
                    "a study cuts the layers into %d segments, and [%s] has %d layers. analyze -k %d looks at them"
                            .formatted(Segments.USUAL, file.checkpoint().path(), layers, layers));
        }
        if (!options.epochs().isEmpty()) {
            DataOptions.checkTask(file, "--epochs");
        } else {
            common.given().refuse("belongs to --epochs", "--train-rows", "--train-seeds", "--learning-rate");
        }
        checkDecision(limits(file));
        options.latency(common.given());
        options.repairs().forEach(repair -> RepairOptions.checked(repair, file.architecture()));
        options.trainSeeds();
        options.heal(data.of(file));
        options.epochs().forEach(n -> settings(file, n));
    }

    /// What decides is no test.
    private void checkDecision(Limits limits) {
        if (limits.verify() == 0) {
            common.given().refuse("compares plans on the verification data, and none are verified", "--decide");
        }
        if (limits.decide() instanceof Decision.OnQuestions
                && data.further().contains(DataSpec.parse(options.decide()))) {
            throw new UsageException(
                    "--decide %1$s: the same questions are a --test, which would flatter what they chose. Leave one of them out"
                            .formatted(options.decide()));
        }
    }

    /// Nothing is verified where there is nothing to verify on.
    Limits limits(ModelFile file) throws IOException {
        var asked = options.limits(file);
        return data.verifies() ? asked : new Limits(asked.candidates(), 0);
    }

    /// The paper's method with the criterion that was asked for.
    Variant base(ModelFile file) throws IOException {
        return Variants.base(options.sglp(), options.criterion(), limits(file), cka(file), common.seed());
    }

    /// How layers are compared where a row does not say otherwise.
    Cka cka(ModelFile file) {
        return Cka.standard(file.architecture().layout(), data.batchSize(file));
    }

    Bench start(ModelFile file, String name) throws IOException {
        AtomicFile.checkWritable(options.out(), "--out");
        StudyFiles.check(name, options.out());
        var progress = common.start("Study (%s) of %s".formatted(name, ModelArgument.headline(file)));
        boolean mends = name.equals("methods") || !options.repairs().isEmpty(); // a row of methods looks at repairs
        var roles = data.roles(file, options.repairFrom(mends), common, progress);
        roles.notes().forEach(progress::say);
        return new Bench(file, roles, progress);
    }

    void finish(Bench on, StudyPlan plan) throws IOException {
        finish(on, List.of(), plan);
    }

    /// @param exams further data that every network is measured on
    void finish(Bench on, List<Exam> exams, StudyPlan plan) throws IOException {
        var settings = new Workbench.Settings(data.batchSize(on.file), common.seed(), LayerSet.EMPTY,
                verification(on.file), options.latency(common.given()), options.dtype(), options.weightSeed());
        var parts = options.out().resolve("parts");
        try (var bench = new Workbench(on.file, on.roles, exams, settings, on.progress);
                var _ = Interruption.ofProcess().leaving(
                        () -> "stopped; finished parts are kept in [%s]. The same command goes on".formatted(parts))) {
            var record = new Study(plan, bench, parts, on.progress).run(Arguments.command(),
                    new Rewriting(options.out()));
            StudyFiles.write(record, options.out());
            common.writeJson(record);
            common.out().println(StudyTables.text(record));
            common.out().println("table: " + options.out().resolve("study.csv"));
            common.out().println("page:  " + options.out().resolve("study.html"));
        }
    }

    /// Writes the files while the study runs, at most every few seconds: the parts are what counts.
    private static final class Rewriting implements Study.Listener {
        private static final long PAUSE_NANOS = 5_000_000_000L;
        private final Path out;
        private long last = System.nanoTime() - PAUSE_NANOS;

        Rewriting(Path out) {
            this.out = out;
        }

        @Override
        public void changed(StudyRecord record) throws IOException {
            if (System.nanoTime() - last >= PAUSE_NANOS) {
                StudyFiles.write(record, out);
                last = System.nanoTime();
            }
        }
    }

    /// Plans are compared as most networks will run: by the batch's statistics where some healing re-estimates them.
    private Pass verification(ModelFile file) {
        boolean healed = !options.epochs().isEmpty() || options.heal(data.of(file)).stream()
                .anyMatch(h -> h.verification().equals(Pass.batchStatistics()));
        return healed ? Pass.batchStatistics() : Pass.evaluation();
    }

    List<Treatment> treatments(Bench bench) {
        var all = new ArrayList<Treatment>();
        options.heal(data.of(bench.file)).forEach(healing -> all.add(Treatment.of(healing)));
        options.repairs().forEach(repair -> all.add(Treatment.of(repair)));
        var items = once(() -> training(bench));
        options.epochs().forEach(n -> all.add(Treatment.training(settings(bench.file, n), items)));
        return all;
    }

    /// Everything there is to train on.
    Dataset training(Bench bench) {
        try {
            return data.training(bench.file, new Modality.Wanted(bench.roles, 0), common, bench.progress).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TrainingSettings settings(ModelFile file, int epochs) {
        var augmentation = file.architecture().input() instanceof Input.Signal
                ? Augmentation.none()
                : Augmentation.cropAndFlip();
        return new TrainingSettings(epochs, data.trainingBatch(file), new Optimizer.Sgd(0.9, true),
                new Schedule(options.learningRate(), 0, new Schedule.Cosine()),
                new Regularisation(5e-4, 0, 0, augmentation), common.seed());
    }

    /// Asked for at the first use, then kept.
    private static <T> Supplier<T> once(Supplier<T> supplier) {
        var known = new ArrayList<T>();
        return () -> {
            if (known.isEmpty()) {
                known.add(supplier.get());
            }
            return known.getFirst();
        };
    }
}
