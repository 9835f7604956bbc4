package dev.sglp.data.task;

import dev.sglp.data.JsonLine;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Utf8;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Questions whose answers are written, as token ids, in the order of the file.
///
/// @param kind  which task
/// @param shots worked examples before each question
/// @param items the first ones, at least one
/// @param notes what people should know of how they were read
public record ExactMatch(ExactMatchKind kind, int shots, List<Item> items, List<String> notes) {
    private static final int SEED = 1234; // lm-evaluation-harness's
    private static final String BETWEEN = "\n\n";

    public ExactMatch {
        items = List.copyOf(items);
        notes = List.copyOf(notes);
    }

    /// @param prompt token ids, all of them
    /// @param answer as the data have it
    public record Item(int[] prompt, String answer) {}

    /// How questions are asked.
    ///
    /// @param shots worked examples before each question; empty: as many as is usual of the task
    /// @param from  what they are drawn from; empty: the other questions of the file
    /// @param limit the first so many items; 0: all
    public record Asking(Optional<Integer> shots, Optional<Path> from, int limit) {
        public Asking {
            if (shots.isPresent() && shots.get() < 0) {
                throw new UsageException("--shots is at least 0, got " + shots.get());
            }
            if (limit < 0) {
                throw new UsageException("--limit must be at least 0, got %d".formatted(limit));
            }
        }
    }

    private record Worked(String question, String answer) {}

    /// @throws UsageException where there are too few examples to draw from
    /// @throws IOException    where a file cannot be read, or a line is not an item of the task
    public static ExactMatch open(ExactMatchKind kind, Path file, Asking asking, Tokenizer tokenizer)
            throws IOException {
        int shots = asking.shots().orElse(kind.shots());
        boolean itself = shots > 0 && asking.from().isEmpty();
        int limit = asking.limit() == 0 ? Integer.MAX_VALUE : asking.limit();
        var notes = new ArrayList<String>();
        var asked = read(file, itself ? Integer.MAX_VALUE : limit, notes); // the harness draws from all there are
        var pool = itself || shots == 0 ? asked : read(asking.from().orElseThrow(), Integer.MAX_VALUE, notes);
        int needed = itself ? shots + 1 : shots;
        if (pool.size() < needed) {
            throw new UsageException("--shots %d: [%s] has %d questions, %d are needed".formatted(shots,
                    asking.from().orElse(file), pool.size(), needed));
        }
        if (itself) {
            notes.add(
                    ("%s: its examples are other questions of the same file. --shots-from FILE names those of the training split, which "
                            + "published figures are of").formatted(kind.label()));
        }
        var draw = new PythonRandom(SEED);
        var pairs = new PairEncoding(tokenizer);
        var items = new ArrayList<Item>();
        for (var one : asked.subList(0, Math.min(asked.size(), limit))) {
            var shown = itself ? others(pool, one, shots, draw) : drawn(pool, shots, draw);
            var before = shown.stream().map(s -> kind.prompt(s.question) + " " + s.answer + BETWEEN)
                    .collect(Collectors.joining());
            items.add(new Item(pairs.tokens(before + kind.prompt(one.question)), one.answer));
        }
        return new ExactMatch(kind, shots, items, notes);
    }

    private static List<Worked> read(Path file, int most, List<String> notes) throws IOException {
        var read = Utf8.read(file);
        var all = new ArrayList<Worked>();
        for (var line : JsonLine.all(file, read.text(), most)) {
            all.add(new Worked(line.string("question"), line.string("answer")));
        }
        if (all.isEmpty()) {
            throw new IOException("[%s] has no items".formatted(file));
        }
        notes.addAll(read.notes());
        return all;
    }

    private static List<Worked> drawn(List<Worked> pool, int count, PythonRandom draw) {
        return count == 0
                ? List.of()
                : Arrays.stream(draw.sample(pool.size(), count)).mapToObj(pool::get).toList();
    }

    /// One more is drawn than is needed, since the question itself may be among them.
    private static List<Worked> others(List<Worked> pool, Worked question, int count, PythonRandom draw) {
        var left = drawn(pool, count + 1, draw).stream().filter(one -> !one.equals(question)).limit(count).toList();
        if (left.size() == count) {
            return left;
        }
        var rest = pool.stream().filter(one -> !one.equals(question)).toList(); // it stands there several times
        if (rest.size() < count) {
            throw new UsageException("--shots %d: only %d questions differ from '%s'".formatted(count, rest.size(),
                    question.question));
        }
        return drawn(rest, count, draw);
    }
}
