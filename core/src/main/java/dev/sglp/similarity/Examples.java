package dev.sglp.similarity;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The examples that layers are compared on: items of a data set, or tokens of its items.
///
/// @param start  the item of `data` that is the first here
/// @param tokens whether an example is a token
/// @param places of each item, the positions that are examples, ascending; `{0}` for the item itself, none where it is left out
record Examples(Dataset data, int start, boolean tokens, List<int[]> places) {
    private static final int[] ITSELF = {0};

    /// Every item, or every real token.
    static Examples of(Dataset data, Representation representation) {
        boolean tokens = representation.tokens();
        return new Examples(data, 0, tokens,
                IntStream.range(0, data.size()).mapToObj(i -> tokens ? real(data, i) : ITSELF).toList());
    }

    private static int[] real(Dataset windows, int window) {
        try (var _ = Scope.open()) {
            Batch batch = windows.batch(window, window + 1);
            int length = Math.toIntExact(batch.inputs().size(1));
            if (batch.padding().isEmpty()) {
                return IntStream.range(0, length).toArray();
            }
            var padded = Tensors.toDoubles(batch.padding().orElseThrow().to(ScalarType.Float));
            return IntStream.range(0, length).filter(i -> padded[i] == 0).toArray();
        }
    }

    /// At most `most` of them, evenly over all.
    Examples evenly(int most) {
        int all = count();
        var chosen = new ArrayList<int[]>();
        int before = 0;
        for (var positions : places) {
            int ahead = before;
            chosen.add(IntStream.range(0, positions.length).filter(i -> even(ahead + i, all, most))
                    .map(i -> positions[i]).toArray());
            before += positions.length;
        }
        return new Examples(data, start, tokens, List.copyOf(chosen));
    }

    /// Whether example `t` of `all` is among `most` that lie evenly: where `t·most/all` steps to the next whole number.
    static boolean even(long t, long all, long most) {
        return all <= most || (t + 1) * most / all > t * most / all;
    }

    /// Items `[from, to)` as a set of their own.
    Examples slice(int from, int to) {
        return new Examples(data, start + from, tokens, places.subList(from, to));
    }

    int items() {
        return places.size();
    }

    int count() {
        return count(0, places.size());
    }

    /// How many examples stand before those of this item.
    int before(int item) {
        return count(0, item);
    }

    /// How many are of items `[from, to)`.
    int count(int from, int to) {
        return places.subList(from, to).stream().mapToInt(p -> p.length).sum();
    }

    /// Items that are run together.
    ///
    /// @param batch  their tensors, in the current scope
    /// @param chosen where the examples are: rows of the items, or of all their positions, `[n]`
    /// @param complete whether no item is left out
    record Run(Batch batch, Tensor chosen, boolean complete) {}

    /// Those of items `[from, to)` that hold examples.
    Run run(int from, int to) {
        int[] used = IntStream.range(from, to).filter(i -> places.get(i).length > 0).toArray();
        var batch = used.length == to - from
                ? data.batch(start + from, start + to)
                : data.pick(IntStream.of(used).map(i -> start + i).toArray());
        long width = tokens ? batch.inputs().size(1) : 1;
        long[] chosen = IntStream.range(0, used.length).boxed()
                .flatMapToLong(row -> Arrays.stream(places.get(used[row])).mapToLong(p -> row * width + p)).toArray();
        return new Run(batch, Device.of(batch.inputs()).longs(chosen), used.length == to - from);
    }
}
