package dev.sglp.cli.tuning;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Where two descriptions of settings part, for people: both are long and mostly the same.
///
/// @param kept  what differs in the first
/// @param asked what stands in its place in the second
record Difference(String kept, String asked) {
    private static final int MOST = 200; // characters
    private static final String INSIDE_A_WORD = "[^ ,;\\[\\]]";

    static Difference of(String kept, String asked) {
        var there = words(kept);
        var wanted = words(asked);
        return there.size() == wanted.size() ? ofWords(there, wanted) : ofMiddle(kept, asked);
    }

    private static List<String> words(String text) {
        return Pattern.compile(INSIDE_A_WORD + "+").matcher(text).results().map(MatchResult::group).toList();
    }

    private static Difference ofWords(List<String> kept, List<String> asked) {
        var places = IntStream.range(0, kept.size()).filter(i -> !kept.get(i).equals(asked.get(i))).boxed().toList();
        return new Difference(places.stream().map(kept::get).collect(Collectors.joining(", ")),
                places.stream().map(asked::get).collect(Collectors.joining(", ")));
    }

    private static Difference ofMiddle(String kept, String asked) {
        int start = 0;
        int shortest = Math.min(kept.length(), asked.length());
        while (start < shortest && kept.charAt(start) == asked.charAt(start)) {
            start++;
        }
        while (start > 0 && insideAWord(kept, start - 1)) {
            start--;
        }
        int end = 0;
        while (end < shortest - start
                && kept.charAt(kept.length() - 1 - end) == asked.charAt(asked.length() - 1 - end)) {
            end++;
        }
        while (end > 0 && insideAWord(kept, kept.length() - end)) {
            end--;
        }
        return new Difference(kept.substring(start, kept.length() - end), asked.substring(start, asked.length() - end));
    }

    private static boolean insideAWord(String text, int at) {
        return text.substring(at, at + 1).matches(INSIDE_A_WORD);
    }

    /// `'epochs=3' there, 'epochs=5' asked for`
    @Override
    public String toString() {
        return "'%s' there, '%s' asked for".formatted(shortened(kept), shortened(asked));
    }

    private static String shortened(String text) {
        return text.length() > MOST ? text.substring(0, MOST) + "…" : text;
    }
}
