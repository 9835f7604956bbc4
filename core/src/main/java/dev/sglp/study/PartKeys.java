package dev.sglp.study;

import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.ledger.SharedScores;
import dev.sglp.model.LayerSet;
import dev.sglp.repair.NoRepair;
import dev.sglp.similarity.Cka;
import dev.sglp.study.StudyPlan.Draw;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.Workbench.Settings;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/// What each part of a study depends on, in words. A finished part is taken as long as nothing that it depends on has changed: other
/// report data leave the choices as they are, another healing the networks that go without.
///
/// @param context      what all parts depend on
/// @param calibration  what tells the calibration data from all others
/// @param repair       the data of a repair
/// @param verification the verification data
/// @param report       the report data, and how many examples a forward pass
record PartKeys(String context, Settings settings, String calibration, String repair, String verification,
        String report) {
    private static final int PARTS = 6; // raised where finished parts of before would come out otherwise now

    static PartKeys of(Workbench bench) throws IOException {
        var data = bench.data();
        return new PartKeys("parts %d; %s".formatted(PARTS, bench.file().identity()), bench.settings(),
                SharedScores.digest(data.calibration()),
                SharedScores.digest(data.repair().fit()) + ", checked on " + SharedScores.digest(data.repair().check()),
                SharedScores.digest(data.verification()),
                SharedScores.digest(data.report()) + bench.exams().stream().map(exam -> "; and on " + exam.digest())
                        .collect(Collectors.joining())
                        + (bench.text()
                                ? "" // goes by tokens
                                : ", batches of %d".formatted(bench.settings().batchSize())));
    }

    /// The dense network on further data.
    String further() {
        return "dense; " + measured();
    }

    String dense() {
        return "dense; " + measured() + timed();
    }

    String sizes(Draw draw, Cka cka, List<Integer> sizes) {
        return "%s; %s; seed %d; %s".formatted(cka, sizes, draw.seed(), SharedScores.digest(draw.items()));
    }

    String choice(Job job) {
        boolean verifies = job.variant().limits().verify() > 0;
        return "%s; remove %d of all but %s; on %s, batches of %d, resampled with seed %d, weights of seed %s, scored in %s%s"
                .formatted(
                        job.variant().settings(), job.remove(), settings.kept(), SharedScores.digest(job.data()),
                        settings.batchSize(), settings.seed(),
                        settings.weightSeed() == null ? "its own" : settings.weightSeed(),
                        settings.dtype().map(Wish::name).orElse("what is usual"),
                        (job.variant().seen() instanceof NoRepair ? "" : "; mended on " + repair) + (verifies
                                ? "; verified on %s, %s".formatted(verification, settings.verification(job.variant()))
                                : ""));
    }

    /// @param timed whether its forward passes are
    String network(LayerSet removed, Treatment treatment, boolean timed) {
        var healed = treatment.leavesAsIs()
                ? ""
                : treatment.repairs()
                        ? "; repaired on " + repair
                        : "; healed on %s and %s".formatted(calibration, verification);
        return "without %s; %s; %s%s%s".formatted(removed, treatment.settings(), measured(), healed,
                timed ? timed() : "");
    }

    private String measured() {
        return "measured on " + report;
    }

    /// Latencies of other threads would not compare.
    private String timed() {
        return settings.latency().times() ? "; timed in pairs on %d threads".formatted(Threads.count()) : "";
    }
}
