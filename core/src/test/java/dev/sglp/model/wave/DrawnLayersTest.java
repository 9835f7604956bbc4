package dev.sglp.model.wave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.Both;
import dev.sglp.model.Layer;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Drawn layers come when they are asked for and go when others need the room.
final class DrawnLayersTest {
    private static final Seed SEED = Seed.of(3);

    private static double[] numbers(Layer layer) {
        return Tensors.toDoubles(layer.parameters().firstEntry().getValue());
    }

    @Test
    void oneThatIsInUseStaysAndTheNextOneWaits() throws Exception {
        try (var both = Both.open("llama3", 1, 1 << 20); var drawn = new DrawnLayers(1)) {
            var layers = both.whole().layers();
            var used = new CountDownLatch(1);
            var other = new CompletableFuture<Void>();
            drawn.use(0, SEED, 1, () -> layers.get(0).reinitialised(SEED), first -> {
                var before = numbers(first);
                Thread.ofPlatform().start(() -> {
                    drawn.use(1, SEED, 1, () -> layers.get(1).reinitialised(SEED), second -> second);
                    used.countDown();
                    other.complete(null);
                });
                assertThat(waited(used)).as("room for one").isFalse();
                assertThat(numbers(first)).isEqualTo(before);
                return first;
            });
            other.get(60, TimeUnit.SECONDS);
            assertThat(drawn.drawn()).isEqualTo(2);
            drawn.use(0, SEED, 1, () -> layers.get(0).reinitialised(SEED), first -> first);
            assertThat(drawn.drawn()).as("drawn again").isEqualTo(3);
            assertThat(drawn.bytes()).isPositive();
            drawn.release();
            assertThat(drawn.bytes()).isZero();
        }
    }

    private static boolean waited(CountDownLatch latch) {
        try {
            return latch.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsDrawnIsTheSameEachTimeAndStaysWhereThereIsRoom() throws IOException {
        var drawn = new DrawnLayers(1L << 40);
        try (var both = Both.open("llama3", 1, 1 << 20); drawn; var _ = Scope.open()) {
            var layer = both.whole().layers().getFirst();
            var once = drawn.use(0, SEED, 1, () -> layer.reinitialised(SEED), DrawnLayersTest::numbers);
            assertThat(drawn.use(0, SEED, 1, () -> layer.reinitialised(SEED), DrawnLayersTest::numbers))
                    .isEqualTo(once);
            assertThat(drawn.drawn()).isEqualTo(1);
            assertThat(drawn.use(0, SEED.draw(1), 1, () -> layer.reinitialised(SEED.draw(1)),
                    DrawnLayersTest::numbers)).isNotEqualTo(once);
        }
        assertThatThrownBy(() -> drawn.use(0, SEED, 1, () -> {
            throw new AssertionError("drawn");
        }, l -> l)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }
}
