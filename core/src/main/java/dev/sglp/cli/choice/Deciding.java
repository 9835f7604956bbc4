package dev.sglp.cli.choice;

import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.DataSpec;
import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.method.decision.ChoiceLoss;
import dev.sglp.method.decision.Decision;
import dev.sglp.method.decision.Decision.OnData;
import dev.sglp.method.decision.Decision.OnQuestions;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// What `--decide` means.
public final class Deciding {
    /// Where nobody says otherwise.
    public static final String LOSS = "loss";
    private static final String TASK = DataSpec.Kind.TASK.prefix() + ":";

    private Deciding() {}

    /// @throws UsageException where it is unknown, or plays no part for this network
    /// @throws IOException    where questions cannot be read
    public static Decision by(String asked, ModelFile file) throws IOException {
        if (!asked.startsWith(TASK)) {
            return named(asked).orElseThrow(() -> new UsageException(
                    "--decide '%s' is unknown. Known: loss, kl, task:NAME=FILE".formatted(asked)));
        }
        if (!(file.architecture().input() instanceof Input.Text input) || !input.predicts()) {
            throw new UsageException("--decide %s is for language models, and [%s] is a %s".formatted(asked,
                    file.checkpoint().path(), file.architecture().description()));
        }
        var questions = MultipleChoice.open(DataSpec.parse(asked), ModelTokenizer.tokenizer(file), 0);
        return new OnQuestions(new ChoiceLoss(questions, TaskEvaluator.usual(input.context())));
    }

    private static Optional<OnData> named(String asked) {
        return Arrays.stream(OnData.values()).filter(known -> known.name().equalsIgnoreCase(asked)).findFirst();
    }
}
