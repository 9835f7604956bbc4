package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Fixed numbers by `tools/random_numbers.py`, unless said otherwise: a draw of today is the draw of every machine and version.
final class SplitMixTest {
    private static final double LAST_BIT = 4e-16; // Python's logarithm is its C library's

    @Test
    void itIsSplitMix64() {
        var random = new SplitMix(1234567); // the published first outputs for this seed
        assertThat(random.nextLong()).isEqualTo(6457827717110365317L);
        assertThat(random.nextLong()).isEqualTo(3203168211198807973L);
        assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("9817491932198370423");
    }

    @Test
    void fractionsAndNumbersBelowABoundFollowFromIt() {
        var random = new SplitMix(42);
        assertThat(DoubleStream.generate(random::nextDouble).limit(3).toArray()).containsExactly(0.7415648787718233,
                0.1599103928769201, 0.27860113025513866);
        var other = new SplitMix(42);
        assertThat(IntStream.generate(() -> other.below(10)).limit(12).toArray()).containsExactly(7, 1, 2, 3, 0, 8, 2,
                8,
                3, 6, 2, 4);
    }

    @Test
    void normalNumbersAreThoseOfThePolarMethod() {
        var random = new SplitMix(42);
        for (double expected : new double[]{0.49295065581737485, -0.6940056672160174, -1.2810773478777024,
                -0.901557193497174, -0.6018779810957331, 0.6425676289796471}) {
            assertThat(random.normal()).isCloseTo(expected, within(LAST_BIT));
        }
    }

    /// Mean 0, variance 1, skewness 0, kurtosis 3, each within four standard errors of a million numbers.
    @Test
    void theirMomentsAreThoseOfTheNormalDistribution() {
        var random = new SplitMix(3);
        int n = 1_000_000;
        var x = DoubleStream.generate(random::normal).limit(n).toArray();
        var moments = IntStream.rangeClosed(1, 4)
                .mapToDouble(k -> Arrays.stream(x).map(v -> Math.pow(v, k)).average().orElseThrow()).toArray();
        assertThat(moments[0]).isCloseTo(0, within(4 / Math.sqrt(n)));
        assertThat(moments[1]).isCloseTo(1, within(4 * Math.sqrt(2.0 / n)));
        assertThat(moments[2]).isCloseTo(0, within(4 * Math.sqrt(15.0 / n)));
        assertThat(moments[3]).isCloseTo(3, within(4 * Math.sqrt(96.0 / n)));
    }

    @Test
    void whatIsDrawnFollowsFromSeedNameAndDraw() {
        var name = "layer1.0.conv1.weight";
        assertThat(Long.toUnsignedString(Seed.of(7).generator(name).nextLong())).isEqualTo("16419511637829652009");
        try (var _ = Scope.open()) {
            assertThat(Tensors.toDoubles(Seed.of(7).normal(name, 1, 2, 2))).containsExactly(0.9814477486674786f,
                    0.0981634468944414f, 1.6407085008100795f, 0.23931091686388753f);
            assertThat(Tensors.toDoubles(Seed.of(7).draw(1).normal(name, 2, 4))).containsExactly(2 * 1.305930595356018f,
                    2 * 0.34822993133281205f, 2 * 0.17932925169377426f, 2 * -0.3499742988027802f);
            assertThat(Tensors.toDoubles(Seed.of(7).normal("another", 1, 1))[0]).isNotEqualTo(0.9814477486674786f);
        }
    }

    /// However many are made at a time.
    @Test
    void aLargeTensorHoldsTheNumbersOfItsGeneratorInTheirOrder() {
        try (var _ = Scope.open()) {
            int size = (1 << 20) + 3;
            var got = Tensors.toDoubles(Seed.of(7).normal("large", 0.5, size / 3, 3));
            var generator = Seed.of(7).generator("large");
            for (int i = 0; i < size / 3 * 3; i++) {
                assertThat(got[i]).isEqualTo((float) (0.5 * generator.normal()));
            }
        }
    }
}
