package dev.sglp.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.text.TaskRun;
import dev.sglp.cli.tuning.LatencyOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Latencies;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// How good a network is, and what it costs.
@Command(name = "evaluate", modelTransformer = HelpLayout.class, description = "How good a network is on the report data (the test split), and what it costs.", footer = {
        "",
        "Examples:",
        "  sglp evaluate resnet56-4bfd9763.th --data images:cifar10-jpeg.zip",
        "  sglp evaluate smollm2/ --data text:test.txt --window 512 --limit 100",
        "  sglp evaluate smollm2/ --data task:piqa=piqa.jsonl --limit 500",
        "  sglp evaluate run/model.safetensors --data images:cifar10-jpeg.zip \\",
        "      --limit 1000 --json result.json",
        "  sglp evaluate run/ --data arrays:digits.npz"})
@Without({"--samples", "--verify-samples", "--calibration-window", "--verify-window", "--allow-overlap"})
final class EvaluateCommand implements Callable<Integer> {
    private static final int FIVE = 5;

    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "latency")
    private LatencyOptions latency;

    @SuppressWarnings("NullAway") // picocli fills the fields
    EvaluateCommand() {}

    record Result(String command, String version, Model model, String data, Evaluation evaluation,
            Map<String, Double> seconds, @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine,
            List<String> notes) {}

    @Override
    public Integer call() throws IOException {
        common.given().refuse("plays no part in evaluate, which chooses nothing", "--samples", "--verify-samples",
                "--calibration-window", "--verify-window", "--allow-overlap");
        try (var file = model.open()) {
            data.check(file, common.given());
            var budget = latency.budget(Budget.MINUTE, common.given());
            var progress = common.start("Evaluating " + ModelArgument.headline(file));
            var task = data.task(file, common);
            if (task.isPresent()) {
                LatencyOptions.refuse("plays no part in task:, where no forward pass is timed", common.given());
                var found = task.get().run(Arguments.command(), progress);
                TaskRun.print(found, common.out());
                common.writeJson(found);
                return 0;
            }
            if (file.architecture().readsText()) {
                common.given().refuse("plays no part in evaluate for text, which goes by tokens a forward pass",
                        "--batch-size");
            }
            var clock = new Stopwatch();
            var report = data.report(file, common, progress);
            report.notes().forEach(progress::say);
            var examples = report.items();
            try (var weights = file.load()) {
                var network = file.architecture().build(weights);
                var evaluator = new Evaluator(examples, data.batchSize(file));
                var quality = clock.time("evaluate", () -> evaluator.measure(network, progress));
                var evaluation = budget.times()
                        ? clock.time("latency", () -> quality.with(Latencies
                                .of(List.of(network), examples, budget.after(0, 0), progress).getFirst()))
                        : quality;
                var stored = evaluation.stored(Records.bytes(file));
                print(file, examples, stored);
                common.writeJson(new Result(Arguments.command(), Version.current(), Records.model(file),
                        examples.name(), stored, clock.seconds(), Memory.peakResidentBytes(),
                        Machine.here(Threads.count()), report.notes()));
            }
        }
        return 0;
    }

    private void print(ModelFile file, Dataset examples, Evaluation e) {
        var out = common.out();
        out.println("%s on %s".formatted(file.checkpoint().path(), examples.name()));
        if (e.perplexity() != null) {
            out.println("  perplexity       %.4f   (%,d predicted tokens)".formatted(e.perplexity(), e.examples()));
            out.println("  next token       %s right".formatted(Human.percent(e.accuracy())));
        } else {
            out.println("  top-1 accuracy   %s   (%,d of %,d right)".formatted(Human.percent(e.accuracy()), e.right(),
                    e.examples()));
            if (examples.classes().size() > FIVE) { // else five guesses are always right
                out.println("  top-5 accuracy   %s".formatted(Human.percent(e.top5())));
            }
        }
        out.println("  cross-entropy    %.5f".formatted(e.loss()));
        out.println("  parameters       %s".formatted(Human.parameters(e.parameters())));
        out.println("  MACs             %s".formatted(Human.macs(e.macs())));
        out.println("  bytes            %s".formatted(Human.bytes(e.bytes())));
        if (e.latency() != null) {
            var many = e.latency().batch128();
            out.println("  latency          %s".formatted(many != null
                    ? "%s at batch 1, %s at batch 128".formatted(time(e.latency().batch1()), time(many))
                    : "%s a window of %,d tokens, %,.0f tokens a second".formatted(time(e.latency().batch1()),
                            e.latency().tokens(), e.latency().tokensPerSecond())));
        }
        out.println("  peak memory      %s".formatted(Human.bytes(e.peakRssBytes())));
    }

    private static String time(Timing t) {
        return "%s (10–90 %% of %d runs: %s %s)".formatted(Human.millis(t.median()), t.runs(),
                Human.spread(t.median(), t.low(), t.high()), Human.unit(t.median()));
    }
}
