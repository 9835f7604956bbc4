package dev.sglp.cli.text;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.data.DataSpec;
import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.evaluation.task.TaskResult;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.progress.Progress;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/// A language model asked multiple-choice questions.
///
/// @param task  `task:NAME=FILE`
/// @param limit questions from the start; 0 for all
public record TaskRun(ModelFile file, DataSpec task, int limit) {
    private static final int TOKENS = 4096; // a forward pass

    /// @param tasks by name
    record Evaluated(Map<String, TaskResult> tasks, long parameters, long bytes) {}

    /// What is written as JSON.
    public record Result(String command, String version, Model model, String data, Evaluated evaluation,
            Map<String, Double> seconds, @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine,
            List<String> notes) {}

    /// @param command what the user typed
    public Result run(String command, Progress progress) throws IOException {
        if (!(file.architecture().input() instanceof Architecture.Input.Text input)) {
            throw new IllegalArgumentException("tasks are for language models; %s is a %s"
                    .formatted(file.checkpoint().path(), file.architecture().description()));
        }
        var questions = MultipleChoice.open(task, ModelTokenizer.tokenizer(file), limit);
        questions.notes().forEach(progress::say);
        var clock = new Stopwatch();
        try (var weights = file.load()) {
            var network = file.architecture().build(weights);
            var evaluator = new TaskEvaluator(TOKENS, input.context());
            var result = clock.time("evaluate", () -> evaluator.score(network, questions, progress)).result();
            return new Result(command, Version.current(), Records.model(file), task.toString(),
                    new Evaluated(Map.of(result.name(), result), network.parameterCount(),
                            Records.bytes(file)),
                    clock.seconds(), Memory.peakResidentBytes(), Machine.here(Threads.count()),
                    questions.notes());
        }
    }

    /// For people.
    public static void print(Result found, PrintWriter out) {
        found.evaluation.tasks.forEach((name, result) -> {
            out.println("%s, %,d questions".formatted(name, result.items()));
            out.println("  accuracy              %s ± %s".formatted(Human.percent(result.acc()),
                    Human.percent(result.stderr())));
            if (result.accNorm() != null) {
                out.println("  length-normalised     %s".formatted(Human.percent(result.accNorm())));
            }
        });
        out.println("  prompts and scores as lm-evaluation-harness has them");
        out.println("  peak memory           %s".formatted(Human.bytes(found.peakRssBytes)));
    }
}
