package dev.sglp.data.text.encoding;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Tokenises a long text in stretches, with the tokens of the whole: the library holds some 160 bytes a character while
/// it encodes.
///
/// A stretch ends before a place where the whole has a token border and what follows is encoded as if it stood alone; both
/// are checked at every cut, on the stretch and what comes next. Where no place does (a tokenizer with a mark of its own at the
/// start of a text), the rest is encoded at once.
///
/// @param encoder token ids of a short text
/// @param stretch about how many characters go at once
/// @param ahead   characters behind a cut that are looked at
public record LongText(Function<String, int[]> encoder, int stretch, int ahead) {
    private static final int TRIES = 16;

    public int[] encode(String text) {
        int[] all = {};
        int filled = 0;
        int from = 0;
        while (from < text.length()) {
            var next = next(text, from);
            if (all.length - filled < next.tokens.length) {
                all = Arrays.copyOf(all, Math.max(filled + next.tokens.length, all.length + all.length / 2));
            }
            System.arraycopy(next.tokens, 0, all, filled, next.tokens.length);
            filled += next.tokens.length;
            from = next.end;
        }
        return Arrays.copyOf(all, filled);
    }

    private record Stretch(int end, int[] tokens) {}

    private Stretch next(String text, int from) {
        return text.length() - from > stretch + ahead
                ? near(text, from).or(() -> beyond(text, from)).orElseGet(() -> whole(text, from))
                : whole(text, from);
    }

    private Stretch whole(String text, int from) {
        return new Stretch(text.length(), encoder.apply(text.substring(from)));
    }

    /// Up to the last place that does.
    private Optional<Stretch> near(String text, int from) {
        int line = from + stretch + 1;
        int blank = line;
        for (int i = 0; i < TRIES; i++) {
            line = last(text, '\n', from, line - 2) + 1;
            blank = last(text, ' ', from, blank - 1);
            var found = first(text, from, line, blank);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// The last place of a character from `from` to `to`; the one before `from` where there is none.
    private static int last(String text, char wanted, int from, int to) {
        int at = to;
        while (at >= from && text.charAt(at) != wanted) {
            at--;
        }
        return Math.max(at, from - 1);
    }

    /// Up to the first place behind a line that is longer than a stretch.
    private Optional<Stretch> beyond(String text, int from) {
        return first(text, from, text.indexOf('\n', from + stretch) + 1, text.indexOf(' ', from + stretch));
    }

    /// After a line end, before a blank (GPT-2's words begin with one), or after one (a tokenizer that puts a blank before every
    /// text).
    private Optional<Stretch> first(String text, int from, int line, int blank) {
        return IntStream.of(line, blank, blank + 1).filter(end -> end > from)
                .mapToObj(end -> new Stretch(end, before(text, from, end))).filter(s -> s.tokens.length > 0)
                .findFirst();
    }

    /// The tokens from `from` to `end`; none where the whole has no border there.
    private int[] before(String text, int from, int end) {
        var next = text.substring(end, betweenPairs(text, Math.min(text.length(), end + ahead)));
        int[] then = next.isBlank() ? new int[0] : encoder.apply(next);
        int near = betweenPairs(text, Math.max(from, end - ahead));
        if (then.length == 0 || !endsWith(encoder.apply(text.substring(near, end) + next), then)) {
            return new int[0];
        }
        int[] both = encoder.apply(text.substring(from, end) + next);
        return endsWith(both, then) ? Arrays.copyOf(both, both.length - then.length) : new int[0];
    }

    /// Here, or one before where this is the middle of a surrogate pair.
    private static int betweenPairs(String text, int index) {
        boolean middle = index > 0 && index < text.length() && Character.isLowSurrogate(text.charAt(index));
        return middle ? index - 1 : index;
    }

    private static boolean endsWith(int[] tokens, int[] end) {
        int from = tokens.length - end.length;
        return from >= 0 && Arrays.equals(tokens, from, tokens.length, end, 0, end.length);
    }
}
