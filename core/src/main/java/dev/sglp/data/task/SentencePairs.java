package dev.sglp.data.task;

import dev.sglp.data.DataSpec;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Utf8;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Pairs of sentences with how alike people find them (`pairs:FILE.tsv`): a pair a line, a tab between `score`, `sentence` and
/// `sentence`, or `sentence`, `sentence` and `score`. A first line without a number in its place is a header.
///
/// @param sentences of all pairs, each once, as tokens
/// @param pairs     which two sentences
/// @param scores    of each pair; higher is more alike
/// @param notes     sentences for the user
public record SentencePairs(String name, Texts sentences, List<Pair> pairs, double[] scores, List<String> notes) {
    /// Two sentences by their places.
    public record Pair(int first, int second) {}

    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
    private static final Pattern NO_NUMBER = Pattern.compile("[-+]?(nan|inf|infinity|na|n/a|null|none|-)?",
            Pattern.CASE_INSENSITIVE); // in the first line: a score that is missing, and no header
    private static final int COLUMNS = 3;

    /// @param tokenizer of a network that reads texts whole
    /// @param most      tokens a sentence; what is beyond is left out
    /// @param limit     the first so many pairs; 0 for all
    /// @throws IOException    where the file cannot be read, or a line is no pair
    /// @throws UsageException where the data are of another kind
    public static SentencePairs open(DataSpec data, Tokenizer tokenizer, int most, int limit) throws IOException {
        if (data.kind() != DataSpec.Kind.PAIRS) {
            throw new UsageException("data '%s' is no file of pairs; expected pairs:FILE.tsv".formatted(data));
        }
        var read = Utf8.read(data.path());
        var notes = new ArrayList<>(read.notes());
        var rows = rows(data.path(), read.text());
        boolean header = isHeader(rows.getFirst());
        if (header) {
            notes.add("%s: its first line is taken for a header.".formatted(data.path().getFileName()));
        }
        var pairs = rows.subList(header ? 1 : 0,
                limit == 0 ? rows.size() : Math.min(rows.size(), limit + (header ? 1 : 0)));
        if (pairs.size() < 2) {
            throw new IOException("[%s] has %d pairs, and at least 2 can be ranked".formatted(data.path(),
                    pairs.size()));
        }
        var placed = new Placed(tokenizer, most);
        var two = new ArrayList<Pair>();
        var scores = new double[pairs.size()];
        int place = place(data.path(), pairs.getFirst());
        for (int i = 0; i < scores.length; i++) {
            var row = pairs.get(i);
            if (!isNumber(row[place])) {
                throw new IOException(
                        "[%s] pair %d: expected a number as the %s of three columns, as in the others, got '%s'"
                                .formatted(data.path(), i + 1, place == 0 ? "first" : "last", row[place]));
            }
            scores[i] = Double.parseDouble(row[place].strip());
            two.add(new Pair(placed.at(row[place == 0 ? 1 : 0]), placed.at(row[place == 0 ? 2 : 1])));
        }
        var name = "%s, %,d pairs of sentences".formatted(data.path().getFileName(), scores.length);
        return new SentencePairs(name, new Texts(name, placed.tokens), List.copyOf(two), scores, List.copyOf(notes));
    }

    /// Sentences as tokens, each kept once.
    private static final class Placed {
        private final Tokenizer tokenizer;
        private final int most;
        private final List<int[]> tokens = new ArrayList<>();
        private final Map<IntBuffer, Integer> places = new HashMap<>();

        Placed(Tokenizer tokenizer, int most) {
            this.tokenizer = tokenizer;
            this.most = most;
        }

        int at(String sentence) {
            int[] one = tokenizer.whole(sentence.strip(), most);
            return places.computeIfAbsent(IntBuffer.wrap(one), _ -> {
                tokens.add(one);
                return tokens.size() - 1;
            });
        }
    }

    private static int place(Path file, String[] first) throws IOException {
        int place = scored(first);
        if (place < 0) {
            throw new IOException(
                    "[%s] pair 1: expected a number as the first or last of three columns, got '%s' and '%s'"
                            .formatted(file, first[0], first[2]));
        }
        return place;
    }

    private static List<String[]> rows(Path file, String text) throws IOException {
        var rows = new ArrayList<String[]>();
        int number = 0;
        for (var line : text.split("\\R")) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            var row = line.split("\t", -1);
            if (row.length != COLUMNS) {
                throw new IOException(
                        "[%s] line %d has %d columns, expected 3 with a tab between: a score and two sentences, or two sentences and a score"
                                .formatted(file, number, row.length));
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new IOException("[%s] has no pairs".formatted(file));
        }
        return rows;
    }

    private static boolean isHeader(String[] first) {
        return scored(first) < 0 && !NO_NUMBER.matcher(first[0].strip()).matches()
                && !NO_NUMBER.matcher(first[2].strip()).matches();
    }

    /// Where a line has its score: 0, 2, or −1 for nowhere.
    private static int scored(String[] row) {
        return isNumber(row[0]) ? 0 : isNumber(row[2]) ? 2 : -1;
    }

    private static boolean isNumber(String text) {
        return NUMBER.matcher(text.strip()).matches();
    }
}
