package dev.sglp.cli.study;

import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.study.StudyRun.Bench;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.OverlapException;
import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.family.Architecture.Input;
import dev.sglp.study.Exam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The further data that a study measures its networks on.
final class Exams {
    private Exams() {}

    /// Opened; none where one `--test` at most was given.
    ///
    /// @param questions of each task at most; 0: all
    static List<Exam> of(Bench bench, DataOptions data, int questions) throws IOException {
        var all = new ArrayList<Exam>();
        if (bench.file().architecture().input() instanceof Input.Text input) {
            for (var spec : data.further()) {
                all.add(spec.kind() == DataSpec.Kind.TASK
                        ? asked(bench, spec, questions, input)
                        : read(bench, data, spec));
            }
        }
        return all;
    }

    private static Exam asked(Bench bench, DataSpec spec, int most, Input.Text input) throws IOException {
        var task = MultipleChoice.open(spec, ModelTokenizer.tokenizer(bench.file()), most);
        task.notes().forEach(bench.progress()::say);
        return new Exam.OnQuestions(task, TaskEvaluator.usual(input.context()));
    }

    private static Exam read(Bench bench, DataOptions data, DataSpec spec) throws IOException {
        var text = data.text(bench.file(), spec);
        check(bench.roles(), spec, text.items(), data.allowsOverlap()).ifPresent(bench.progress()::say);
        text.notes().forEach(bench.progress()::say);
        return new Exam.OnText(String.valueOf(Path.of(spec.location()).getFileName()), text.items());
    }

    /// What there is to say of items that chose or repaired as well.
    ///
    /// @throws OverlapException where they are more than a few, and that is not allowed
    private static Optional<String> check(DataRoles roles, DataSpec spec, Dataset text, boolean allowed)
            throws OverlapException {
        long shared = Stream.of(roles.calibration(), roles.repair().fit(), roles.verification())
                .mapToLong(role -> DataRoles.shared(text, role)).max().orElse(0);
        var line = "%,d of %,d items of --test %s also choose, repair or verify.".formatted(shared,
                text.itemHashes().size(), spec);
        if (!allowed && !DataRoles.tolerates(shared, text.itemHashes().size())) {
            throw new OverlapException(line + " " + OverlapException.ADVICE);
        }
        return shared == 0
                ? Optional.empty()
                : Optional.of(allowed ? line + " " + OverlapException.ALLOWED : line);
    }
}
