package dev.sglp.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.evaluation.Against;
import dev.sglp.cli.evaluation.EvaluationTable;
import dev.sglp.cli.evaluation.Evaluations;
import dev.sglp.cli.evaluation.Measured.OnData;
import dev.sglp.cli.evaluation.Measured.OnPairs;
import dev.sglp.cli.evaluation.Measured.OnTask;
import dev.sglp.cli.evaluation.Measured.OnText;
import dev.sglp.cli.evaluation.Measured;
import dev.sglp.cli.evaluation.ShotOptions;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.tuning.LatencyOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataSpec;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.report.Human;
import dev.sglp.report.quality.Grade;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// How good a network is, and what it costs.
@Command(name = "evaluate", modelTransformer = HelpLayout.class, description = "How good a network is on the report data (the test split), and what it costs.", footer = {
        "",
        "Examples:",
        "  sglp evaluate resnet56-4bfd9763.th --data images:cifar10-jpeg.zip",
        "  sglp evaluate smollm2/ --data text:test.txt --window 512 --limit 100",
        "  sglp evaluate small/ --against smollm2/ --data text:test.txt --window 512 \\",
        "      --limit 25                                      # KL and agreement to it",
        "  sglp evaluate smollm2/ --data task:piqa=piqa.jsonl --limit 500",
        "  sglp evaluate smollm2/ --data text:test.txt --data task:piqa=piqa.jsonl \\",
        "      --data task:arc_easy=arc.jsonl --limit 100      # one table",
        "  sglp evaluate smollm2/ --data task:gsm8k=test.jsonl --shots-from train.jsonl \\",
        "      --limit 200                                    # answers that are written",
        "  sglp evaluate run/model.safetensors --data images:cifar10-jpeg.zip \\",
        "      --limit 1000 --json result.json",
        "  sglp evaluate run/ --data arrays:digits.npz",
        "  sglp evaluate run/ --data text:test.txt --against all-minilm-l6-v2/",
        "  sglp evaluate run/ --data pairs:sts.tsv"})
@Says(of = "--data", value = DataOptions.IMAGES + DataOptions.TEXT + ", task:NAME=FILE" + DataOptions.SENTENCES
        + ", pairs:FILE.tsv (score, sentence, sentence, tabs between, or the score last). Several, each with a --data of its own")
@Without({"--samples", "--verify-samples", "--calibration-window", "--verify-window", "--allow-overlap"})
final class EvaluateCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "against")
    private Against against;

    @Mixin(name = "shots")
    private ShotOptions shots;

    @Mixin(name = "memory")
    private MemoryOption memory;

    @Mixin(name = "latency")
    private LatencyOptions latency;

    @SuppressWarnings("NullAway") // picocli fills the fields
    EvaluateCommand() {}

    /// What is written as JSON: `data` and `evaluation` of a single data set, `evaluations` of several.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(String command, String version, Model model, @Nullable String data, @Nullable Object evaluation,
            @Nullable ClaimedAccuracy checkpointAccuracy, @Nullable List<Part> evaluations,
            Map<String, Double> seconds, @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine,
            List<String> notes) {}

    /// One of several data sets.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(String data, Object evaluation, @Nullable ClaimedAccuracy checkpointAccuracy) {}

    @Override
    public Integer call() throws IOException {
        common.given().refuse("plays no part in evaluate, which chooses nothing", "--samples", "--verify-samples",
                "--calibration-window", "--verify-window");
        common.given().ignore("plays no part in evaluate, which chooses nothing", "--allow-overlap");
        try (var opened = model.open(common)) {
            var file = memory.of(data.typed(opened), data.passes(opened));
            var specs = data.specs();
            data.checkEach(file, common.given());
            against.check(file, specs);
            shots.check(specs, common.given());
            checkParts(specs, file);
            var budget = latency.budget(file, Budget.MINUTE, common.given());
            var progress = common.start("Evaluating " + ModelArgument.headline(file));
            MemoryOption.explain(file, progress);
            var clock = new Stopwatch();
            var found = new Evaluations(file, data, against, shots, common, budget, clock).of(specs, progress);
            print(file, found);
            common.writeJson(result(file, found, clock));
        }
        return 0;
    }

    /// Flags that only some data have a use for.
    private void checkParts(List<DataSpec> specs, ModelFile file) {
        if (specs.stream().allMatch(spec -> spec.kind() == DataSpec.Kind.PAIRS)) {
            common.given().refuse("plays no part in pairs:, which are read one by one", "--test", "--window");
            LatencyOptions.without("plays no part in pairs:, where no forward pass is timed", common.given());
        } else if (specs.stream().allMatch(spec -> spec.kind() == DataSpec.Kind.TASK)) {
            common.given().refuse("plays no part in task:, which has its own questions and widths", "--test",
                    "--window");
            common.given().ignore("plays no part in task:, which goes by tokens a forward pass", "--batch-size");
            LatencyOptions.without("plays no part in task:, where no forward pass is timed", common.given());
        } else if (!data.of(file).reportsInBatches()) {
            common.given().ignore("plays no part in evaluate for text, which goes by tokens a forward pass",
                    "--batch-size");
        }
    }

    private static Result result(ModelFile file, List<Measured> found, Stopwatch clock) throws IOException {
        boolean single = found.size() == 1;
        var first = found.getFirst();
        return new Result(Arguments.command(), Version.current(), Records.model(file), single ? first.name() : null,
                single ? first.json() : null, single ? first.claim().orElse(null) : null,
                single
                        ? null
                        : found.stream().map(m -> new Part(m.name(), m.json(), m.claim().orElse(null))).toList(),
                clock.seconds(), Memory.peakResidentBytes(), Machine.here(Threads.count()),
                found.stream().flatMap(m -> m.notes().stream()).distinct().toList());
    }

    private void print(ModelFile file, List<Measured> found) {
        var out = common.out();
        if (found.size() > 1) {
            out.println("%s on %d data sets".formatted(file.checkpoint().path(), found.size()));
            out.println(EvaluationTable.of(found));
            found.stream().filter(OnData.class::isInstance).map(OnData.class::cast).findFirst()
                    .ifPresent(data -> costs(data.evaluation()));
        } else {
            switch (found.getFirst()) {
                case OnData one -> print(file, one);
                case OnTask one -> print(one);
                case OnText one -> print(one);
                case OnPairs one -> print(one);
            }
        }
        out.println("  peak memory      %s".formatted(Human.bytes(Memory.peakResidentBytes())));
        for (var one : found) {
            one.claim().flatMap(ClaimedAccuracy::warning).ifPresent(warning -> out
                    .println(common.warning(found.size() > 1 ? one.spec() + ": " + warning : warning)));
        }
    }

    private void print(OnPairs found) {
        var out = common.out();
        out.println(found.name());
        out.println(Grade.line("Spearman", found.spearman() == null
                ? "cannot be told: one side is all alike"
                : "%.6f   (cosine of a pair's embeddings, ranked against its score)".formatted(found.spearman())));
    }

    private void print(OnTask found) {
        var out = common.out();
        var result = found.result();
        out.println("%s, %,d questions".formatted(result.name(), result.items()));
        out.println(
                "  accuracy         %s ± %s".formatted(Human.percent(result.acc()), Human.percent(result.stderr())));
        if (result.accNorm() != null) {
            out.println("  length-norm.     %s".formatted(Human.percent(result.accNorm())));
        }
        out.println("  prompts and scores as lm-evaluation-harness has them");
    }

    private void print(OnText found) {
        var out = common.out();
        var result = found.result();
        out.println("%s, %,d questions, %d examples before each".formatted(result.name(), result.items(),
                result.shots()));
        result.exactMatch().forEach((filter, share) -> out.println("  %-16s %s ± %s".formatted(filter,
                Human.percent(share.value()), Human.percent(share.stderr()))));
        out.println("  exact match; prompts, filters and scores as lm-evaluation-harness has them");
    }

    private void print(ModelFile file, OnData found) {
        var out = common.out();
        var e = found.evaluation();
        out.println("%s on %s".formatted(file.checkpoint().path(), found.name()));
        Grade.of(e).lines(e, found.classes()).forEach(out::println);
        found.claim().ifPresent(own -> out.println("  of its own       %s   (%s of the checkpoint)"
                .formatted(Human.percent(own.accuracy()), own.key())));
        if (Grade.of(e) != Grade.AGREEMENT) {
            out.println("  cross-entropy    %.5f".formatted(e.loss()));
        }
        costs(e);
    }

    /// What does not depend on the data.
    private void costs(Evaluation e) {
        var out = common.out();
        out.println("  parameters       %s".formatted(Human.parameters(e.parameters())));
        out.println("  MACs             %s".formatted(Human.macs(e.macs())));
        out.println("  bytes            %s".formatted(Human.bytes(e.bytes())));
        if (e.latency() != null) {
            var one = e.latency().batch1();
            var many = e.latency().batch128();
            out.println("  latency          %s".formatted(many != null
                    ? "%s at batch 1, %s at batch 128".formatted(Human.millis(one.median()),
                            Human.millis(many.median()))
                    : "%s a window of %,d tokens, %,.0f tokens a second".formatted(Human.millis(one.median()),
                            e.latency().tokens(), e.latency().tokensPerSecond())));
            if (e.latency().writtenPerSecond() != null) {
                out.println(
                        "  writing          %,.1f tokens a second, one text".formatted(e.latency().writtenPerSecond()));
            }
            out.println("  10–90 %% of runs  %s%s".formatted(spread(one), many == null ? "" : ", " + spread(many)));
        }
    }

    private static String spread(Timing t) {
        return "%s %s (of %d)".formatted(Human.spread(t.median(), t.low(), t.high()), Human.unit(t.median()), t.runs());
    }
}
