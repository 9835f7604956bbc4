package dev.sglp.similarity;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Which tokens of a text stand for it: all real ones, or as many as are wanted, evenly over the windows.
///
/// @param places of each window, the positions of its chosen tokens, ascending
record Tokens(List<int[]> places) {
    /// At most `most` tokens of all windows.
    static Tokens of(Dataset windows, int most) {
        var real = IntStream.range(0, windows.size()).mapToObj(w -> real(windows, w)).toList();
        long all = real.stream().mapToLong(r -> r.length).sum();
        if (all <= most) {
            return new Tokens(real);
        }
        var chosen = new ArrayList<int[]>();
        long before = 0;
        for (var positions : real) {
            long start = before;
            // token t of all is chosen where t·most/all steps to the next whole number
            chosen.add(IntStream.range(0, positions.length)
                    .filter(i -> (start + i + 1) * most / all > (start + i) * most / all).map(i -> positions[i])
                    .toArray());
            before += positions.length;
        }
        return new Tokens(List.copyOf(chosen));
    }

    private static int[] real(Dataset windows, int window) {
        try (var _ = Scope.open()) {
            Batch batch = windows.batch(window, window + 1);
            int length = Math.toIntExact(batch.inputs().size(1));
            if (batch.padding().isEmpty()) {
                return IntStream.range(0, length).toArray();
            }
            var padded = Tensors
                    .toDoubles(batch.padding().orElseThrow().to(org.bytedeco.pytorch.global.torch.ScalarType.Float));
            return IntStream.range(0, length).filter(i -> padded[i] == 0).toArray();
        }
    }

    int count() {
        return places.stream().mapToInt(p -> p.length).sum();
    }

    /// How many tokens stand before window `w`'s.
    int before(int w) {
        return places.subList(0, w).stream().mapToInt(p -> p.length).sum();
    }

    /// The chosen rows of the output of windows `[from, to)`: `[B, T, D] → [n, D]`.
    Tensor rows(Tensor out, int from, int to) {
        long length = out.size(1);
        var at = IntStream.range(from, to)
                .mapToObj(w -> IntStream.of(places.get(w)).mapToLong(p -> (w - from) * length + p))
                .flatMapToLong(s -> s).toArray();
        return out.reshape(-1, out.size(2)).index_select(0, Tensors.longs(at));
    }

    /// Each row divided by its root mean square: what a pre-norm layer sees of it, so that the few massive activations of
    /// a text's first tokens do not drown everything else.
    static Tensor normalised(Tensor rows) { // [n, D]
        var squares = rows.mul(rows).mean(new long[]{1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        return rows.mul(squares.clamp_min_(new Scalar(1e-30)).rsqrt_());
    }
}
