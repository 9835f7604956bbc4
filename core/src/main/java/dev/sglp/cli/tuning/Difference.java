package dev.sglp.cli.tuning;

/// Where two descriptions of settings part, for people: both are long and mostly the same.
///
/// @param kept  what differs in the first
/// @param asked what stands in its place in the second
record Difference(String kept, String asked) {
    private static final String INSIDE_A_WORD = "[^ ,;\\[\\]]";

    static Difference of(String kept, String asked) {
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
        return "'%s' there, '%s' asked for".formatted(kept, asked);
    }
}
