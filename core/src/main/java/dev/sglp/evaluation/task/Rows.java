package dev.sglp.evaluation.task;

import dev.sglp.data.task.MultipleChoice;
import dev.sglp.data.task.MultipleChoice.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The token rows that have to be run to score every choice, longest first. Choices of an item share a row where one's
/// tokens begin with the other's: a causal network says the same of them.
final class Rows {
    private final List<Row> rows = new ArrayList<>();
    private final int context;

    private Rows(int context) {
        this.context = context;
    }

    /// @param context most tokens a row; of a longer one the first are left out
    static List<Row> of(MultipleChoice task, int context) {
        var all = new Rows(context);
        for (int item = 0; item < task.items().size(); item++) {
            all.add(item, task.items().get(item).requests());
        }
        all.rows.sort(Comparator.comparingInt((Row row) -> row.tokens().length).reversed());
        return all.rows;
    }

    private void add(int item, List<Request> requests) {
        int[] longestFirst = IntStream.range(0, requests.size()).boxed()
                .sorted(Comparator.comparingInt((Integer i) -> tokens(requests.get(i)).length).reversed())
                .mapToInt(Integer::intValue).toArray();
        int first = rows.size();
        for (int choice : longestFirst) {
            int[] tokens = tokens(requests.get(choice));
            var row = rows.subList(first, rows.size()).stream().filter(r -> r.startsWith(tokens)).findFirst()
                    .orElseGet(() -> {
                        rows.add(new Row(tokens, new ArrayList<>()));
                        return rows.getLast();
                    });
            int[] continuation = requests.get(choice).continuation();
            int scored = Math.min(continuation.length, tokens.length);
            for (int i = 0; i < scored; i++) {
                row.targets().add(new Target(tokens.length - scored + i,
                        continuation[continuation.length - scored + i], item, choice));
            }
        }
    }

    /// All but the last token, at most `context` of them.
    private int[] tokens(Request request) {
        int[] given = request.context();
        int[] scored = request.continuation();
        int[] all = Arrays.copyOf(given, given.length + scored.length);
        System.arraycopy(scored, 0, all, given.length, scored.length);
        int end = Math.max(0, all.length - 1);
        return Arrays.copyOfRange(all, Math.max(0, end - context), end);
    }

    /// @param tokens  what the network reads
    /// @param targets what is asked of it
    record Row(int[] tokens, List<Target> targets) {
        boolean startsWith(int[] others) {
            return others.length <= tokens.length
                    && Arrays.equals(tokens, 0, others.length, others, 0, others.length);
        }
    }

    /// The log-probability of `token` after `position`, which counts for a choice of an item.
    record Target(int position, int token, int item, int choice) {}
}
