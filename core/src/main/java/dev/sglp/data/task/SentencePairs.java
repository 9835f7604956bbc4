package dev.sglp.data.task;

import dev.sglp.data.DataSpec;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Utf8;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Pairs of sentences with how alike people find them (`pairs:FILE.tsv`): a pair a line, a tab between `score`, `sentence` and
/// `sentence`, or `sentence`, `sentence` and `score`. A first line without a number in its place is a header.
///
/// @param sentences of all pairs, two a pair, as tokens
/// @param scores    of each pair; higher is more alike
/// @param notes     sentences for the user
public record SentencePairs(String name, Texts sentences, double[] scores, List<String> notes) {
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
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
        boolean header = scored(rows.getFirst()) < 0;
        if (header) {
            notes.add("%s: its first line is taken for a header.".formatted(data.path().getFileName()));
        }
        var pairs = rows.subList(header ? 1 : 0,
                limit == 0 ? rows.size() : Math.min(rows.size(), limit + (header ? 1 : 0)));
        if (pairs.size() < 2) {
            throw new IOException("[%s] has %d pairs, and at least 2 can be ranked".formatted(data.path(),
                    pairs.size()));
        }
        int place = scored(pairs.getFirst());
        var scores = new double[pairs.size()];
        var tokens = new ArrayList<int[]>();
        for (int i = 0; i < scores.length; i++) {
            var row = pairs.get(i);
            if (place < 0 || !isNumber(row[place])) {
                throw new IOException(
                        "[%s] pair %d: expected a number as the %s of three columns, as in the others, got '%s'"
                                .formatted(data.path(), i + 1, place == 0 ? "first" : "last", row[Math.max(0, place)]));
            }
            scores[i] = Double.parseDouble(row[place].strip());
            tokens.add(tokenizer.whole(row[place == 0 ? 1 : 0].strip(), most));
            tokens.add(tokenizer.whole(row[place == 0 ? 2 : 1].strip(), most));
        }
        var name = "%s, %,d pairs of sentences".formatted(data.path().getFileName(), scores.length);
        return new SentencePairs(name, new Texts(name, tokens), scores, List.copyOf(notes));
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

    /// Where a line has its score: 0, 2, or −1 for nowhere.
    private static int scored(String[] row) {
        return isNumber(row[0]) ? 0 : isNumber(row[2]) ? 2 : -1;
    }

    private static boolean isNumber(String text) {
        return NUMBER.matcher(text.strip()).matches();
    }
}
