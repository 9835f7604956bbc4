package dev.sglp.data.task;

import dev.sglp.data.JsonLine;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The tasks there are, with lm-evaluation-harness 0.4.13's prompts and the fields of the public data sets.
public enum TaskKind {
    /// Physical common sense (arXiv 1911.11641).
    PIQA {
        @Override
        Question question(JsonLine line) throws IOException {
            return Question.of("Question: " + line.string("goal") + "\nAnswer:",
                    List.of(line.string("sol1"), line.string("sol2")), index(line, "label", 0, 2));
        }
    },
    /// Grade-school science, the easy part (arXiv 1803.05457).
    ARC_EASY {
        @Override
        Question question(JsonLine line) throws IOException {
            return labelled(line, "Question: " + line.string("question") + "\nAnswer:");
        }
    },
    /// Grade-school science, the part that simple methods fail (arXiv 1803.05457).
    ARC_CHALLENGE {
        @Override
        Question question(JsonLine line) throws IOException {
            return ARC_EASY.question(line);
        }
    },
    /// Science with an open book (arXiv 1809.02789).
    OPENBOOKQA {
        @Override
        Question question(JsonLine line) throws IOException {
            return labelled(line, line.string("question_stem"));
        }
    },
    /// Who or what is meant (arXiv 1907.10641): both names are put in, and what follows is scored.
    WINOGRANDE {
        @Override
        Question question(JsonLine line) throws IOException {
            var sentence = line.string("sentence");
            int gap = sentence.indexOf('_');
            if (gap < 0) {
                throw line.wrong("a sentence with a gap '_'", "sentence");
            }
            return Question.completed(sentence.substring(0, gap), List.of(line.string("option1"),
                    line.string("option2")), sentence.substring(gap + 1).strip(), index(line, "answer", 1, 2));
        }
    };

    /// One item.
    ///
    /// @throws IOException where the line has not the fields of this task
    abstract Question question(JsonLine line) throws IOException;

    /// As it is written, for instance `arc_easy`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether accuracy with normalised scores means something: choices are scored themselves, not what follows them.
    public boolean normalised() {
        return this != WINOGRANDE;
    }

    /// @throws UsageException where there is no such task
    public static TaskKind named(String label) {
        if (ExactMatchKind.named(label).isPresent()) {
            throw new UsageException(
                    "task '%s' is answered in written text, which evaluate alone measures; here choices are compared: %s"
                            .formatted(label, known()));
        }
        return Arrays.stream(values()).filter(k -> k.label().equals(label)).findFirst()
                .orElseThrow(() -> new UsageException("unknown task '%s'; known tasks are %s; in evaluate also %s"
                        .formatted(label, known(), Arrays.stream(ExactMatchKind.values()).map(ExactMatchKind::label)
                                .collect(Collectors.joining(", ")))));
    }

    private static String known() {
        return Arrays.stream(values()).map(TaskKind::label).collect(Collectors.joining(", "));
    }

    private static Question labelled(JsonLine line, String context) throws IOException {
        var choices = line.strings("choices", "text");
        var labels = line.strings("choices", "label");
        int right = labels.indexOf(line.string("answerKey").stripLeading());
        if (right < 0 || right >= choices.size()) {
            throw line.wrong("one of %s".formatted(labels), "answerKey");
        }
        return Question.of(context, choices, right);
    }

    /// A number or a string of one, from `first` on.
    private static int index(JsonLine line, String field, int first, int count) throws IOException {
        var node = line.at(field);
        int index = node.isIntegralNumber() || node.isTextual() ? node.asInt(first - 1) - first : -1;
        if (index < 0 || index >= count) {
            throw line.wrong("a number from %d to %d".formatted(first, first + count - 1), field);
        }
        return index;
    }
}
