package dev.sglp.repair.solver;

import dev.sglp.model.Layout;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/// Which positions of a batch's outputs take part in a fit: every real token, or some of an image or a signal.
///
/// @param layout of the outputs
/// @param most   of each image or signal
public record Positions(Layout layout, int most) {
    private static final int MOST = 64;
    private static final int TOGETHER = 128; // examples of one generator

    /// Of an image or a signal 64 positions.
    public Positions(Layout layout) {
        this(layout, MOST);
    }

    /// Counted over all examples, ascending.
    ///
    /// @param output  of a layer
    /// @param padding `[B, T]`, true where there is no token
    /// @param first   number of the first example: each looks at positions of its own, whatever batch it is in
    public Tensor of(Tensor output, Optional<Tensor> padding, int first) {
        long examples = output.size(0);
        long each = layout.positions(output).size(0) / examples;
        if (layout.tokens()) {
            return padding.map(p -> p.logical_not().reshape(-1).nonzero().squeeze(1))
                    .orElseGet(() -> Device.of(output).range(examples * each));
        }
        if (each <= most) {
            return Device.of(output).range(examples * each);
        }
        return Device.of(output).longs(some(first, Math.toIntExact(examples), Math.toIntExact(each)));
    }

    private long[] some(int first, int examples, int each) {
        var all = LongStream.builder();
        int end = first + examples;
        for (int group = first / TOGETHER; group * TOGETHER < end; group++) {
            var random = Seed.of(0).draw(group).generator("positions");
            for (int item = group * TOGETHER; item < Math.min(end, (group + 1) * TOGETHER); item++) {
                long before = (long) (item - first) * each;
                var own = IntStream.generate(() -> random.below(each)).distinct().limit(most).sorted().toArray();
                if (item >= first) {
                    IntStream.of(own).forEach(place -> all.add(before + place));
                }
            }
        }
        return all.build().toArray();
    }
}
