package dev.sglp.repair;

import dev.sglp.model.Layout;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Which positions of a batch's outputs take part in a fit: every real token, or some of an image or a signal.
///
/// @param layout of the outputs
/// @param most   of each image or signal
record Positions(Layout layout, int most) {
    private static final int MOST = 64;

    Positions(Layout layout) {
        this(layout, MOST);
    }

    /// Counted over all examples, ascending.
    ///
    /// @param output  of a layer
    /// @param padding `[B, T]`, true where there is no token
    /// @param batch   its number: other batches look at other positions
    Tensor of(Tensor output, Optional<Tensor> padding, int batch) {
        long examples = output.size(0);
        long each = layout.positions(output).size(0) / examples;
        if (layout.tokens()) {
            return padding.map(p -> p.logical_not().reshape(-1).nonzero().squeeze(1))
                    .orElseGet(() -> Device.of(output).range(examples * each));
        }
        if (each <= most) {
            return Device.of(output).range(examples * each);
        }
        var random = Seed.of(0).draw(batch).generator("positions");
        int bound = Math.toIntExact(each);
        return Device.of(output).longs(IntStream.range(0, Math.toIntExact(examples)).boxed()
                .flatMapToLong(example -> IntStream.generate(() -> random.below(bound)).distinct().limit(most).sorted()
                        .mapToLong(place -> example * each + place))
                .toArray());
    }
}
