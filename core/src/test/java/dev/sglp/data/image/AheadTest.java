package dev.sglp.data.image;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.item.Rgb;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AheadTest {
    private static final int BROKEN = 7;
    private static final int COUNT = 10;
    private final BlockingQueue<Integer> read = new LinkedBlockingQueue<>();
    private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

    /// Item i is grey of i, and number 7 cannot be read.
    private final class Numbered implements Decoding.Reader {
        @Override
        public Rgb read(int position) throws IOException {
            threads.add(Thread.currentThread());
            read.add(position);
            if (position == BROKEN) {
                throw new IOException("[%s] is damaged".formatted(where(position)));
            }
            var image = Rgb.empty(2, 2);
            Arrays.fill(image.planes(), (byte) position);
            return image;
        }

        @Override
        public String where(int position) {
            return "image " + position;
        }
    }

    private Undecoded numbered() {
        var reader = new Numbered();
        return new Undecoded(Rgb.empty(2, 2).form(),
                IntStream.range(0, COUNT).mapToObj(i -> new Undecoded.Entry(reader, i))
                        .toArray(Undecoded.Entry[]::new),
                2);
    }

    private Integer next() {
        try {
            return Objects.requireNonNull(read.poll(30, SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// What was read next, in whatever order.
    private List<Integer> read(int count) {
        return Stream.generate(this::next).limit(count).sorted().toList();
    }

    private static byte[] bytes(Pixels pixels) {
        return pixels.bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void theNextBatchIsDecodedBeforeItIsAskedFor() {
        var ahead = new Ahead(numbered());
        assertThat(bytes(ahead.range(0, 4))).isEqualTo(bytes(numbered().range(0, 4)));
        assertThat(read(12)).containsExactly(0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7);
        assertThat(read).isEmpty();
        assertThat(threads).allMatch(thread -> thread.isDaemon() || thread == Thread.currentThread());
    }

    @Test
    void anErrorWaitsUntilItsBatchIsAskedFor() {
        var ahead = new Ahead(numbered());
        ahead.range(0, 3);
        ahead.range(3, 6);
        assertThat(Stream.generate(this::next).limit(9).anyMatch(i -> i == BROKEN)).isTrue();
        assertThatThrownBy(() -> ahead.range(6, 9)).isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("[image 7] is damaged");
        assertThat(bytes(ahead.range(8, 10))).containsOnly(8, 9);
    }

    @Test
    void batchesThatWereToldAreDecodedInTheirOrder() {
        var ahead = new Ahead(numbered());
        ahead.expect(List.of(new int[]{5, 1}, new int[]{9, 2}, new int[]{0}));
        assertThat(read).isEmpty();
        ahead.chosen(5, 1);
        assertThat(read(4)).containsExactly(1, 2, 5, 9);
        assertThat(bytes(ahead.chosen(9, 2))).isEqualTo(bytes(numbered().chosen(9, 2)));
        assertThat(read(3)).containsExactly(0, 2, 9); // those of the comparison, and the last that was told
        ahead.chosen(0);
        assertThat(read).isEmpty();
    }

    /// On the processor nothing is gained: its threads decode, then they compute.
    @Test
    void aSetOnAnotherDeviceIsDecodedAhead() throws IOException {
        var labels = new Labels(new int[COUNT], List.of("a"));
        var reading = new Reading(2, Preparation.NONE, Normalisation.NONE, Progress.silent());
        var set = new Decoding("ten", labels, reading, 1).run(new Numbered());
        assertThat(set.isHeld()).isFalse();
        try (var _ = Scope.open()) {
            set.on(new Device(Device.Kind.META, 0)).select("some", 4, 3, 2, 1).batch(0, 2);
        }
        assertThat(read(5)).containsExactly(0, 1, 2, 3, 4);
    }
}
