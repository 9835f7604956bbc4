package dev.sglp.evaluation.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// On a clock that runs as the test says.
final class RoundsTest {
    private static final long SECOND = 1_000_000_000L;
    private final AtomicLong now = new AtomicLong();
    private final List<Integer> order = new ArrayList<>();
    private long told;

    private LongSupplier takes(int name, LongSupplier nanos) {
        return () -> {
            order.add(name);
            long taken = nanos.getAsLong();
            now.addAndGet(taken);
            return taken;
        };
    }

    private long[][] run(double seconds, LongSupplier... runs) {
        return new Rounds(now::get, n -> told += n).of(
                IntStream.range(0, runs.length).mapToObj(i -> takes(i, runs[i])).toList(), (long) (seconds * SECOND));
    }

    @Test
    void theTurnsGoForwardsAndBackwards() {
        run(100, () -> SECOND, () -> SECOND / 2, () -> SECOND);
        assertThat(order.subList(0, 9)).containsExactly(0, 1, 2, 2, 1, 0, 0, 1, 2);
    }

    @Test
    void itEndsAtTheFirstLookWhereNothingDisturbs() {
        var nanos = run(100, () -> SECOND, () -> SECOND / 2);
        assertThat(nanos).hasDimensions(2, Rounds.FIRST_LOOK);
        assertThat(told).isEqualTo(now.get()).isEqualTo(Rounds.FIRST_LOOK * 3 * SECOND / 2);
        var ratio = Rounds.ratio(nanos[0], nanos[1]);
        assertThat(ratio.median()).isEqualTo(2);
        assertThat(ratio.contains(1)).isFalse();
    }

    @Test
    void itEndsBeforeTheTimeIsOver() {
        var random = new Random(1);
        LongSupplier wild = () -> SECOND / 4 + random.nextLong(SECOND);
        var nanos = run(20, wild, wild);
        assertThat(now.get()).isBetween(15 * SECOND, 20 * SECOND);
        assertThat(nanos[0].length).isBetween(8, 20);
    }

    @Test
    void oneRoundIsRunInAnyCase() {
        var nanos = run(1, () -> 40 * SECOND, () -> 50 * SECOND);
        assertThat(nanos).hasDimensions(2, 1);
        assertThat(Rounds.ratio(nanos[0], nanos[1]).contains(1)).as("one pair tells nothing").isTrue();
    }

    @Test
    void oneAloneRunsUntilItsMedianIsKnown() {
        assertThat(run(1000, () -> SECOND)).hasDimensions(1, Rounds.FIRST_LOOK);
        var random = new Random(2);
        assertThat(run(1000, () -> SECOND + random.nextLong(SECOND))[0].length).isGreaterThan(100);
    }

    /// A disturbance that slows both in the same rounds leaves the ratio as it is.
    @Test
    void whatMeetsBothAlikeDoesNotCount() {
        var random = new Random(3);
        var load = new double[]{1};
        var nanos = run(1000, () -> {
            load[0] = now.get() / SECOND % 7 < 3 ? 1 : 2.5;
            return (long) (SECOND * load[0] * (1 + 0.01 * random.nextGaussian()));
        }, () -> (long) (0.9 * SECOND * load[0] * (1 + 0.01 * random.nextGaussian())));
        var ratio = Rounds.ratio(nanos[0], nanos[1]);
        assertThat(ratio.contains(1 / 0.9)).isTrue();
        assertThat(ratio.contains(1)).isFalse();
    }

    /// However long it goes on, a difference that is not there is claimed in one of twenty measurements, and no more than a few beyond.
    @ParameterizedTest
    @ValueSource(doubles = {0.005, 0.02, 0.05})
    void aDifferenceThatIsNotThereIsSeldomSeen(double spread) {
        var random = new Random(4);
        LongSupplier noisy = () -> (long) (SECOND * Math.exp(spread * random.nextGaussian())
                * (random.nextInt(10) == 0 ? 1 + random.nextDouble() : 1));
        int measurements = 1000;
        int claimed = 0;
        for (int i = 0; i < measurements; i++) {
            now.set(0);
            var nanos = run(120, noisy, noisy);
            claimed += Rounds.ratio(nanos[0], nanos[1]).contains(1) ? 0 : 1;
        }
        assertThat(claimed / (double) measurements).isLessThan(0.065);
    }
}
