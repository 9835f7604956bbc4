package dev.sglp.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.text.TaskRun;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Latencies;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Under(Heading.OUTPUT)
    @Option(names = "--no-latency", description = "do not time forward passes")
    private boolean noLatency;

    @SuppressWarnings("NullAway") // picocli fills the fields
    EvaluateCommand() {}

    record Result(String command, String version, Model model, String data, Evaluation evaluation,
            Map<String, Double> seconds, @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine,
            List<String> notes) {}

    @Override
    public Integer call() throws IOException {
        common.given().refuse("plays no part in evaluate, which chooses nothing", "--samples", "--verify-samples",
                "--calibration-window", "--verify-window");
        common.given().ignore("plays no part in evaluate, which chooses nothing", "--allow-overlap");
        try (var file = model.open()) {
            data.check(file, common.given());
            var progress = common.start("Evaluating " + ModelArgument.headline(file));
            var task = data.task(file, common);
            if (task.isPresent()) {
                common.given().ignore("plays no part in task:, where no forward pass is timed", "--no-latency");
                var found = task.get().run(Arguments.command(), progress);
                TaskRun.print(found, common.out());
                common.writeJson(found);
                return 0;
            }
            if (file.architecture().readsText()) {
                common.given().ignore("plays no part in evaluate for text, which goes by tokens a forward pass",
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
                var evaluation = noLatency
                        ? quality
                        : clock.time("latency",
                                () -> quality.with(Latencies.of(List.of(network), examples, progress).getFirst()));
                var stored = Records.stored(file, LayerSet.EMPTY, evaluation);
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
            if (e.interval() != null) {
                out.println("  95 %% interval    %.4f to %.4f   (%s)".formatted(e.interval().low(), e.interval().high(),
                        e.interval().method()));
            }
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
            var one = e.latency().batch1();
            var many = e.latency().batch128();
            out.println("  latency          %s%s (%s to %s)%s".formatted(Human.millis(one.median()),
                    many == null
                            ? " a window, %,.0f tokens a second".formatted(e.latency().tokensPerSecond())
                            : " at batch 1",
                    Human.millis(one.low()), Human.millis(one.high()),
                    many == null
                            ? ""
                            : ", %s at batch 128 (%s to %s)".formatted(Human.millis(many.median()),
                                    Human.millis(many.low()), Human.millis(many.high()))));
        }
        out.println("  peak memory      %s".formatted(Human.bytes(e.peakRssBytes())));
    }
}
