package dev.sglp.cli.teacher;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether a teacher's answers are kept. It owns the file they are read from; close it when the training is over.
@Under(Heading.TRAINING)
public final class AnswersOption implements AutoCloseable {
    private static final int MOST = 64;
    private final List<AnswersFile> open = new ArrayList<>();

    @Option(names = "--teacher-answers", paramLabel = "FILE", description = "distil, text: keep the teacher's most likely tokens: FILE is made where it is not there, else the teacher is not asked again, and --teacher may be left out (default: it is asked each time)")
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

    /// Whether there are answers that do instead of a teacher.
    ///
    /// @throws UsageException where they would be made, and there is nobody to ask
    public boolean alone() {
        if (file != null && !Files.exists(file)) {
            throw new UsageException(
                    "--teacher-answers [%s] is not there, and who is to be asked is not said: --teacher MODEL makes it"
                            .formatted(file));
        }
        return file != null;
    }

    /// Answers that do instead of a teacher.
    ///
    /// @throws IllegalStateException where there are none
    public AnswersFile open() throws IOException {
        return AnswersFile.open(Objects.requireNonNull(file));
    }

    /// @param about       what would be asked
    /// @param file        of the network that learns
    /// @param temperature they are asked at
    /// @throws IOException where they answer another question
    public void check(AnswersFile answers, TextLesson.About about, ModelFile file, double temperature)
            throws IOException {
        checkPlaces(about.items());
        var more = new LinkedHashMap<>(Map.of("temperature", String.valueOf(temperature)));
        if (most != null) {
            more.put("top_k", String.valueOf(kept(file.architecture().classes())));
        }
        answers.check(about, file.architecture().classes(), more);
    }

    private static void checkPlaces(Dataset items) {
        if (items.draws()) {
            throw new UsageException(
                    "--teacher-answers keeps one answer for each place, and each pass of this training masks other tokens. Leave it out");
        }
    }

    /// @param teacher its identity
    public TextLesson.Answering of(String teacher, Progress progress) {
        return (asked, type, about) -> {
            var taught = TextLesson.Answering.ASKED;
            if (file == null) {
                return taught.taught(asked, type, about);
            }
            checkPlaces(about.items());
            int k = kept(asked.vocabulary());
            var question = AnswersFile.question(teacher, about.items(), asked, type.title(), k);
            try {
                if (!Files.exists(file)) {
                    try (var _ = Scope.open()) { // what it is asked in is over with the answers
                        AnswersFile.write(file, question,
                                new AnswersFile.Asked(taught.taught(asked, type, about), about, k, progress));
                    }
                }
                var answers = AnswersFile.open(file, question);
                open.add(answers);
                return new TextLesson.Taught(asked.knowing(answers), asked);
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
            AnswersFile.open(file, AnswersFile.question(teacher, items, asked, type.title(), kept(asked.vocabulary())))
                    .close();
        }
    }

    /// An even number: what lies behind an odd one in the file is not aligned.
    private int kept(long vocabulary) {
        long wanted = Math.min(most == null ? MOST : most, vocabulary - 1);
        return Math.toIntExact(Math.max(2, wanted + wanted % 2));
    }

    /// Where the answers lie, in words.
    public String words() {
        return "its answers in " + file;
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
