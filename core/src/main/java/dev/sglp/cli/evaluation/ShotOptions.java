package dev.sglp.cli.evaluation;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataSpec;
import dev.sglp.data.task.ExactMatch.Asking;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.task.TaskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What stands before a question whose answer is written.
@Under(Heading.DATA)
public final class ShotOptions {
    @Option(names = "--shots", paramLabel = "N", description = "tasks answered in text: worked examples before each question, drawn as lm-evaluation-harness draws them (default: the task's: gsm8k 5, gsm8k_cot_zeroshot 0)")
    private @Nullable Integer shots;

    @Option(names = "--shots-from", paramLabel = "FILE", description = "tasks answered in text: the examples' JSON lines, mostly the training split (default: the other questions of the task's own file)")
    private @Nullable Path from;

    public ShotOptions() {}

    /// Which task, if its answers are written.
    static Optional<ExactMatchKind> written(DataSpec spec) {
        return spec.kind() == DataSpec.Kind.TASK ? ExactMatchKind.named(TaskSpec.of(spec).name()) : Optional.empty();
    }

    /// @throws dev.sglp.fault.UsageException where a flag plays no part
    public void check(List<DataSpec> specs, Given given) {
        if (specs.stream().allMatch(spec -> written(spec).isEmpty())) {
            given.refuse("is for tasks whose answers are written (gsm8k, gsm8k_cot_zeroshot)", "--shots",
                    "--shots-from");
        } else if (specs.stream().flatMap(spec -> written(spec).stream())
                .allMatch(kind -> (shots == null ? kind.shots() : shots) == 0)) {
            given.refuse("says what examples are drawn from, and there are none: --shots N", "--shots-from");
        }
        asking(0);
    }

    Asking asking(int limit) {
        return new Asking(Optional.ofNullable(shots), Optional.ofNullable(from), limit);
    }
}
