package dev.sglp.study;

import dev.sglp.Records;
import dev.sglp.Version;
import dev.sglp.data.Dataset;
import dev.sglp.data.text.TextWindows;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.ledger.Ledger;
import dev.sglp.ledger.SharedScores;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.report.RunRecord.Data;
import dev.sglp.report.study.Also;
import dev.sglp.report.study.Quality;
import dev.sglp.report.study.StudyRecord;
import dev.sglp.report.study.StudyRecord.SizeRow;
import dev.sglp.report.study.StudyRow;
import dev.sglp.report.study.StudyRow.Chosen;
import dev.sglp.report.study.StudyRow.Measured;
import dev.sglp.similarity.Cka;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.TimeLeft.Kind;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Runs a study: first every choice, then every chosen network. Each finished part is kept at once and taken from there
/// when the study is started again; networks that several rows chose are measured once.
public final class Study {
    private static final List<Cka.Estimator> ESTIMATORS = List.of(Cka.Estimator.BIASED, Cka.Estimator.UNBIASED);

    private final StudyPlan plan;
    private final Workbench bench;
    private final PartKeys keys;
    private final Ledger ledger;
    private final SharedScores scores;
    private final Progress progress;
    private final TimeLeft time = new TimeLeft();
    private final Map<Job, Chosen> choices = new LinkedHashMap<>();
    private final List<SizeRow> sizes = new ArrayList<>();
    private @Nullable Evaluation dense;
    private List<Also> also = List.of();

    /// A record of its own, to be kept as one file.
    private record Further(List<Also> found) {
        Further {
            found = List.copyOf(found);
        }
    }

    /// Told after every finished part.
    public interface Listener {
        void changed(StudyRecord record) throws IOException;
    }

    /// @param folder where the finished parts lie
    public Study(StudyPlan plan, Workbench bench, Path folder, Progress progress) throws IOException {
        this.plan = plan;
        this.bench = bench;
        this.progress = progress;
        keys = PartKeys.of(bench);
        ledger = new Ledger(folder, keys.context());
        scores = new SharedScores(ledger);
    }

    /// @param command what the user typed
    public StudyRecord run(String command, Listener listener) throws IOException {
        recall();
        expect();
        dense = ledger.get("dense", keys.dense(), Evaluation.class, bench::evaluateDense);
        if (!bench.exams().isEmpty()) {
            also = ledger.get("further", keys.further(), Further.class, () -> new Further(bench.examineDense())).found;
        }
        for (var draw : plan.similarity().draws()) {
            for (var estimator : ESTIMATORS) {
                boolean known = ledger.has("sizes", settings(draw, estimator));
                sizes.addAll(similarity(draw, estimator));
                if (!known) {
                    listener.changed(record(command));
                }
            }
        }
        for (var job : plan.jobs()) {
            if (!choices.containsKey(job)) {
                choices.put(job, choice(job));
                listener.changed(record(command));
            }
        }
        expectNetworks();
        for (var treatment : plan.treatments()) {
            var jobs = plan.jobs().stream().filter(job -> applies(treatment, job)).toList();
            for (var group : groups(jobs, treatment)) {
                together(group, treatment);
                listener.changed(record(command));
            }
            for (var job : jobs) {
                network(job, treatment);
                listener.changed(record(command));
            }
        }
        return record(command);
    }

    /// The choices of before: a study that goes on never shows less than it knows.
    private void recall() throws IOException {
        for (var job : plan.jobs()) {
            if (ledger.has("choice", keys.choice(job))) {
                choices.put(job, choice(job));
            }
        }
    }

    /// The networks that are measured as they are and not yet known, in groups that share work: one of the rows that chose each.
    private List<List<Job>> groups(List<Job> jobs, Treatment treatment) {
        var open = new LinkedHashMap<String, Job>();
        if (treatment.leavesAsIs()) {
            jobs.stream().filter(job -> !ledger.has("network", settings(job, treatment)))
                    .forEach(job -> open.putIfAbsent(settings(job, treatment), job));
        }
        return List.copyOf(open.values()).stream().gather(Gatherers.windowFixed(bench.together())).toList();
    }

    private void together(List<Job> jobs, Treatment treatment) throws IOException {
        var removed = jobs.stream().map(this::removed).toList();
        var found = timed(Kind.NETWORK, jobs.size(), "measuring without layers %s, healed: %s".formatted(
                removed.stream().map(LayerSet::toString).collect(Collectors.joining("; ")), treatment.name()),
                () -> bench.measure(removed, treatment, isFirst(treatment)));
        for (int i = 0; i < jobs.size(); i++) {
            var measured = found.get(i);
            ledger.get("network", settings(jobs.get(i), treatment), Measured.class, () -> measured);
        }
    }

    private LayerSet removed(Job job) {
        return java.util.Objects.requireNonNull(choices.get(job)).removed();
    }

    private boolean isFirst(Treatment treatment) {
        return treatment == plan.treatments().getFirst();
    }

    private List<SizeRow> similarity(StudyPlan.Draw draw, Cka.Estimator estimator) throws IOException {
        return ledger.get("sizes", settings(draw, estimator), SizeStudy.Rows.class,
                () -> timed(Kind.SIMILARITY, 1, "similarity by size, %s, draw %d"
                        .formatted(estimator.name().toLowerCase(java.util.Locale.ROOT), draw.seed()),
                        () -> SizeStudy.of(bench, draw, cka(estimator), plan.similarity().sizes(), progress)))
                .rows();
    }

    private Cka cka(Cka.Estimator estimator) {
        return plan.jobs().getFirst().variant().cka().with(estimator);
    }

    private String settings(StudyPlan.Draw draw, Cka.Estimator estimator) {
        return keys.sizes(draw, cka(estimator), plan.similarity().sizes());
    }

    private Chosen choice(Job job) throws IOException {
        return ledger.get("choice", keys.choice(job), Chosen.class,
                () -> timed(Kind.CHOICE, 1, "choosing %d layers: %s".formatted(job.remove(),
                        job.variant().label().title()),
                        () -> bench.choose(job.variant(), job.remove(), job.data(), scores)));
    }

    private Measured network(Job job, Treatment treatment) throws IOException {
        var removed = removed(job);
        return ledger.get("network", settings(job, treatment), Measured.class,
                () -> timed(treatment.trains() ? Kind.EPOCH : Kind.NETWORK, Math.max(1, treatment.epochs()),
                        "measuring without layers %s, healed: %s".formatted(removed, treatment.name()),
                        () -> bench.measure(removed, treatment, isFirst(treatment))));
    }

    private String settings(Job job, Treatment treatment) {
        return keys.network(removed(job), treatment, isFirst(treatment));
    }

    private boolean applies(Treatment treatment, Job job) {
        return !treatment.trains() || plan.trains(job);
    }

    private <T> T timed(Kind kind, int units, String what, Ledger.Work<T> work) throws IOException {
        progress.say("[%d to do%s] %s".formatted(time.open(), time.text(), what));
        long start = System.nanoTime();
        var result = work.run();
        time.done(kind, units, (System.nanoTime() - start) / 1e9);
        return result;
    }

    private void expect() {
        time.expect(Kind.SIMILARITY, Math.toIntExact(plan.similarity().draws().stream()
                .flatMap(d -> ESTIMATORS.stream().map(e -> settings(d, e))).filter(s -> !ledger.has("sizes", s))
                .count()));
        time.expect(Kind.CHOICE, plan.jobs().size() - choices.size());
        expectNetworks();
    }

    /// While its choice is not known, a row counts as a network of its own.
    private void expectNetworks() {
        int networks = 0;
        int epochs = 0;
        for (var treatment : plan.treatments()) {
            int open = open(treatment);
            networks += treatment.trains() ? 0 : open;
            epochs += open * treatment.epochs();
        }
        time.expect(Kind.NETWORK, networks);
        time.expect(Kind.EPOCH, epochs);
    }

    private int open(Treatment treatment) {
        var jobs = plan.jobs().stream().filter(j -> applies(treatment, j)).toList();
        var chosen = jobs.stream().filter(choices::containsKey).map(j -> settings(j, treatment))
                .filter(s -> !ledger.has("network", s)).distinct().count();
        return Math.toIntExact(chosen + jobs.stream().filter(j -> !choices.containsKey(j)).count());
    }

    /// Everything finished so far.
    private StudyRecord record(String command) throws IOException {
        var rows = new ArrayList<StudyRow>();
        for (var job : plan.jobs()) {
            var chosen = choices.get(job);
            if (chosen == null) {
                continue;
            }
            rows.add(new StudyRow(job.variant().label(), job.remove(), job.variant().seed(), job.data().size(),
                    tokens(job.data()),
                    chosen, measured(job)));
        }
        var roles = bench.data();
        return new StudyRecord(plan.name(), command, Version.current(), quality(),
                Records.model(bench.file()),
                new Data(roles.calibration().name(), roles.verification().name(), roles.report().name()), settings(),
                dense, also, rows, plan.jobs().size(), sizes, roles.notes(), Machine.here(Threads.count()));
    }

    private static @Nullable Integer tokens(Dataset data) {
        return data instanceof TextWindows windows ? Integer.valueOf(Math.toIntExact(windows.total())) : null;
    }

    private List<Measured> measured(Job job) throws IOException {
        var all = new ArrayList<Measured>();
        for (var treatment : plan.treatments()) {
            if (applies(treatment, job)) {
                finished(job, treatment).ifPresent(all::add);
            }
        }
        return all;
    }

    private Optional<Measured> finished(Job job, Treatment treatment) throws IOException {
        if (!ledger.has("network", settings(job, treatment))) {
            return Optional.empty();
        }
        return Optional.of(ledger.get("network", settings(job, treatment), Measured.class, () -> {
            throw new IOException("[%s] a finished part vanished while the study ran".formatted(ledger.folder()));
        }));
    }

    private List<String> settings() {
        var s = bench.settings();
        var base = plan.jobs().getFirst().variant();
        return Stream.of("Score of the first row: %s.".formatted(score(base.criterion())),
                "SGLP scores at most %d sets, and each layer alone; %s.".formatted(base.limits().candidates(),
                        base.limits().verify() == 0
                                ? "plans are not verified"
                                : "the best %d plans verified".formatted(base.limits().verify())),
                decided(plan.jobs().stream().map(job -> job.variant().limits()).filter(l -> l.verify() > 0).findFirst()
                        .orElse(base.limits()).decide()),
                "Batches of %d %s, seed %d%s.".formatted(s.batchSize(), bench.text() ? "windows" : "images", s.seed(),
                        s.weightSeed() == null ? "" : ", weights of seed " + s.weightSeed()),
                bench.text()
                        ? "CKA compares at most %,d tokens, evenly over the windows: of larger numbers it sees more windows, not more tokens."
                                .formatted(Cka.MOST_TOKENS)
                        : "")
                .filter(line -> !line.isEmpty()).toList();
    }

    /// Empty where it is what is usual.
    private static String decided(Decision decision) {
        return decision == Decision.OnData.LOSS
                ? ""
                : "The best plans are compared by %s: that is what is called their loss.".formatted(decision.words());
    }

    /// Its settings where it has some.
    private static String score(Criterion criterion) {
        return criterion instanceof GradNorm g
                ? "%s (reading %s, norm %s, scope %s, draws %d)"
                        .formatted(g.name(), g.reading(), g.norm(), g.scope(), g.draws())
                        .toLowerCase(Locale.ROOT)
                : criterion.name();
    }

    private Quality quality() {
        return switch (bench.dense().objective().answer()) {
            case CLASS -> Quality.ACCURACY;
            case NEXT_TOKEN, MASKED_TOKEN -> Quality.PERPLEXITY;
            case EMBEDDING -> bench.text() ? Quality.AGREEMENT : Quality.IMAGE_AGREEMENT;
        };
    }
}
