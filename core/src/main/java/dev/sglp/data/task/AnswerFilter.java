package dev.sglp.data.task;

import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// What of a written text counts as its answer, as lm-evaluation-harness's filter `regex` takes it.
///
/// @param name    as the harness calls it, for instance `strict-match`
/// @param pattern of an answer, each of its alternatives a group
/// @param last    whether the last answer in a text is taken; else the first
public record AnswerFilter(String name, Pattern pattern, boolean last) {
    private static final String NONE = "[invalid]";

    static AnswerFilter first(String name, String pattern) {
        return new AnswerFilter(name, Pattern.compile(pattern, Pattern.UNIX_LINES), false);
    }

    static AnswerFilter last(String name, String pattern) {
        return new AnswerFilter(name, Pattern.compile(pattern, Pattern.UNIX_LINES), true);
    }

    /// The answer; `[invalid]` where there is none.
    public String taken(String text) {
        var matcher = pattern.matcher(text);
        var taken = NONE;
        while (matcher.find()) {
            taken = IntStream.rangeClosed(1, matcher.groupCount()).mapToObj(matcher::group)
                    .filter(group -> group != null && !group.isEmpty()).findFirst().orElse(NONE);
            if (!last) {
                return taken;
            }
        }
        return taken;
    }
}
