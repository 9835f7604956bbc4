package dev.sglp.data.task;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The tasks that are answered in written text, with lm-evaluation-harness 0.4.13's prompts, filters and comparison, and the fields of the public
/// data sets.
public enum ExactMatchKind {
    /// Grade-school arithmetic (arXiv 2110.14168), five worked examples before each question.
    GSM8K("Question: ", "\nAnswer:", 5, AnswerFilter.first("strict-match", "#### (-?[0-9.,]+)")),
    /// The same, asked without examples to think step by step.
    GSM8K_COT_ZEROSHOT("Q: ", "\nA: Let's think step by step.", 0,
            AnswerFilter.first("strict-match", "The answer is (-?[0-9.,]+)."));

    /// Tokens that are written at most.
    public static final int TOKENS = 256;

    private static final AnswerFilter FLEXIBLE = AnswerFilter.last("flexible-extract",
            "(-?[$0-9.,]{2,})|(-?[0-9]+)");
    private static final List<Pattern> IGNORED = List.of(Pattern.compile(","), Pattern.compile("\\$"),
            Pattern.compile(".*#### ", Pattern.DOTALL), Pattern.compile("\\.$", Pattern.UNIX_LINES));

    private final String before;
    private final String after;
    private final int shots;
    private final AnswerFilter strict;

    ExactMatchKind(String before, String after, int shots, AnswerFilter strict) {
        this.before = before;
        this.after = after;
        this.shots = shots;
        this.strict = strict;
    }

    /// As it is written, for instance `gsm8k`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Empty where there is no such task.
    public static Optional<ExactMatchKind> named(String label) {
        return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
    }

    /// Worked examples before each question, where nobody says otherwise.
    public int shots() {
        return shots;
    }

    String prompt(String question) {
        return before + question + after;
    }

    /// What ends an answer, besides the network's own end of a text.
    public List<String> until() {
        return List.of(before.stripTrailing(), "</s>", "<|im_end|>");
    }

    /// What is taken for the answer, in each way there is.
    public List<AnswerFilter> filters() {
        return List.of(strict, FLEXIBLE);
    }

    /// Whether what was taken is the right answer, but for what is not looked at.
    public boolean right(String taken, String answer) {
        return compared(taken).equals(compared(answer));
    }

    private static String compared(String text) {
        var left = text;
        for (var pattern : IGNORED) {
            left = pattern.matcher(left).replaceAll("");
        }
        return left.toLowerCase(Locale.ROOT);
    }
}
