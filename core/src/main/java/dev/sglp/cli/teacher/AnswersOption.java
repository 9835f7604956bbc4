package dev.sglp.cli.teacher;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.training.TextLesson;
import dev.sglp.training.gradient.Teaching;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether a teacher's answers are kept. It owns the file they are read from; close it when the training is over.
@Under(Heading.TRAINING)
public final class AnswersOption implements AutoCloseable {
    private static final int MOST = 64;
    private final List<AnswersFile> open = new ArrayList<>();

    @Option(names = "--teacher-answers", paramLabel = "FILE", description = "distil, text: keep the teacher's most likely tokens: FILE is made where it is not there, else the teacher is not asked again (default: it is asked each time)")
    private @Nullable Path file;

    @Option(names = "--top-k", paramLabel = "N", description = "distil, text: tokens kept of each answer, an even number; all others count as one more (default: 64)")
    private @Nullable Integer most;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public AnswersOption() {}

    /// @param why there is none
    /// @throws UsageException where a flag was typed
    public static void refuse(String why, Given given) {
        given.refuse(why, "--teacher-answers", "--top-k");
    }

    /// @throws UsageException where a flag plays no part, or is out of range
    public void check(boolean text, Given given) {
        if (!text) {
            refuse("is for language models", given);
        }
        if (file == null) {
            given.refuse("belongs to --teacher-answers", "--top-k");
        }
        if (most != null && most < 1) {
            throw new UsageException("--top-k is at least 1, got " + most);
        }
    }

    /// @param teacher its identity
    public TextLesson.Answering of(String teacher, Progress progress) {
        return (asked, type, items) -> {
            if (file == null) {
                return TextLesson.Answering.ASKED.taught(asked, type, items);
            }
            if (items.draws()) {
                throw new UsageException(
                        "--teacher-answers keeps one answer for each place, and each pass of this training masks other tokens. Leave it out");
            }
            int k = kept(asked);
            var question = AnswersFile.question(teacher, items, asked, type.title(), k);
            try {
                if (!Files.exists(file)) {
                    try (var _ = Scope.open()) { // what it is asked in is over with the answers
                        AnswersFile.write(file, question, new AnswersFile.Asked(
                                TextLesson.Answering.ASKED.taught(asked, type, items), items, k, progress));
                    }
                }
                var answers = AnswersFile.open(file, question);
                open.add(answers);
                return asked.knowing(answers);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /// Looks whether a file that is there answers this question.
    ///
    /// @param type what the teacher will compute in
    /// @throws IOException where it answers another one
    public void check(String teacher, Teaching asked, Dataset items, DType type) throws IOException {
        if (file != null && Files.exists(file)) {
            AnswersFile.open(file, AnswersFile.question(teacher, items, asked, type.title(), kept(asked))).close();
        }
    }

    /// An even number: what lies behind an odd one in the file is not aligned.
    private int kept(Teaching asked) {
        long wanted = Math.min(most == null ? MOST : most, asked.vocabulary() - 1);
        return Math.toIntExact(Math.max(2, wanted + wanted % 2));
    }

    /// What the training depends on, in words.
    public String settings() {
        return file == null ? "" : ", topK=" + (most == null ? MOST : most);
    }

    @Override
    public void close() throws IOException {
        for (var answers : open) {
            answers.close();
        }
        open.clear();
    }
}
