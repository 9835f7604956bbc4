package dev.sglp.model.past;

import dev.sglp.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Where the tokens of a pass stand in their texts. Texts of a batch end together: what is kept of them has as many columns as the longest has
/// tokens, and the shorter ones begin with columns that hold nothing. Or several whole texts stand one behind the other in a row, and none sees another: its documents.
///
/// @param seen      columns before those of the pass
/// @param length    columns of the pass, T
/// @param padding   for each text the columns at its beginning that hold nothing; empty where no text has any
/// @param documents for each row the columns at which a document begins, the first 0; empty where each row is one text
public record Places(int seen, int length, List<Integer> padding, List<List<Integer>> documents) {
    public Places {
        padding = List.copyOf(padding);
        documents = documents.stream().map(List::copyOf).toList();
        if (documents.stream().anyMatch(row -> row.isEmpty() || row.getFirst() != 0)) {
            throw new IllegalArgumentException("a row begins with a document, got " + documents);
        }
    }

    /// Of texts that go on.
    Places(int seen, int length, List<Integer> padding) {
        this(seen, length, padding, List.of());
    }

    /// A text, or a document in a row: it begins at a column of the pass, which is a position of it.
    ///
    /// @param row    of the batch
    /// @param column of the pass
    /// @param start  position of the token there
    /// @param length tokens of it in the pass
    public record Run(int row, int column, int start, int length) {}

    /// All tokens of the pass, as texts and documents.
    public List<Run> runs() {
        var all = new ArrayList<Run>();
        for (int row = 0; row < texts(); row++) {
            if (documents.isEmpty()) {
                all.add(new Run(row, 0, start(row), length));
                continue;
            }
            var starts = documents.get(row);
            for (int d = 0; d < starts.size(); d++) {
                int end = d + 1 < starts.size() ? starts.get(d + 1) : length;
                all.add(new Run(row, starts.get(d), 0, end - starts.get(d)));
            }
        }
        return all;
    }

    /// Of whole texts, all equally long.
    public static Places whole(long length) {
        return new Places(0, Math.toIntExact(length), List.of());
    }

    /// Columns of the texts with those of the pass, S.
    public int all() {
        return seen + length;
    }

    /// Whether the pass begins the texts.
    public boolean first() {
        return seen == 0;
    }

    /// Whether the tokens of all texts have the same positions.
    public boolean alike() {
        return padding.isEmpty() && documents.isEmpty();
    }

    /// Whether every token of a pass over whole texts is its own column.
    public boolean square() {
        return first() && alike();
    }

    /// How many texts differ: all, or one for all that are alike.
    public int texts() {
        return alike() ? 1 : Math.max(padding.size(), documents.size());
    }

    /// The position of the pass's first token in a text.
    public int start(int text) {
        return seen - (padding.isEmpty() ? 0 : padding.get(text));
    }

    /// The positions of the pass's tokens, `[B, T]`; of columns that hold nothing 0.
    public Tensor positions(Device device) {
        var all = new long[texts() * length];
        for (var run : runs()) {
            for (int i = 0; i < run.length; i++) {
                all[run.row * length + run.column + i] = Math.max(0, run.start + i);
            }
        }
        return device.longs(all).view(texts(), length);
    }

    /// Which document of its row each column belongs to, `[B, T]`.
    public Tensor document(Device device) {
        var all = new long[texts() * length];
        var runs = runs();
        for (int d = 0; d < runs.size(); d++) {
            int from = runs.get(d).row * length + runs.get(d).column;
            Arrays.fill(all, from, from + runs.get(d).length, d);
        }
        return device.longs(all).view(texts(), length);
    }

    /// The largest position of all, and one more: the tokens of the longest text.
    public int longest() {
        return runs().stream().mapToInt(run -> run.start + run.length).max().orElse(0);
    }
}
