package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Items of which one batch is decoded ahead while a network on another device looks at the one before: the next as long, or the next
/// that was told. What cannot be decoded is an error when it is asked for.
final class Ahead implements Stored {
    private final Undecoded items;
    private Deque<int[]> told = new ArrayDeque<>();
    private @Nullable Coming coming;
    private int reached;

    private record Coming(int[] items, FutureTask<Pixels> pixels) {}

    Ahead(Undecoded items) {
        this.items = items;
    }

    @Override
    public Form form() {
        return items.form();
    }

    @Override
    public Pixels range(int from, int to) {
        var pixels = given(IntStream.range(from, to).toArray());
        if (inOrder(from, to)) {
            begin(IntStream.range(to, Math.min(items.entries().length, to + (to - from))).toArray());
        }
        return pixels;
    }

    private synchronized boolean inOrder(int from, int to) {
        boolean follows = from == 0 || from == reached;
        reached = to;
        return follows;
    }

    @Override
    public Pixels chosen(int... wanted) {
        var pixels = given(wanted);
        next(wanted).ifPresent(this::begin);
        return pixels;
    }

    @Override
    public synchronized void expect(List<int[]> batches) {
        told = new ArrayDeque<>(batches);
    }

    private synchronized Optional<int[]> next(int[] after) {
        if (!Arrays.equals(told.peek(), after)) {
            return Optional.empty();
        }
        told.remove();
        return Optional.ofNullable(told.peek());
    }

    private Pixels given(int[] wanted) {
        var ready = taken(wanted);
        try {
            return ready.isPresent() ? ready.get().get() : items.chosen(wanted);
        } catch (ExecutionException _) {
            return items.chosen(wanted); // fails again, where it is asked for
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return items.chosen(wanted);
        }
    }

    private synchronized Optional<FutureTask<Pixels>> taken(int[] wanted) {
        var known = coming;
        if (known == null || !Arrays.equals(known.items, wanted)) {
            return Optional.empty();
        }
        coming = null;
        return Optional.of(known.pixels);
    }

    /// One at a time, and none larger than what a set may hold.
    private synchronized void begin(int[] wanted) {
        boolean busy = coming != null && !coming.pixels.isDone();
        if (busy || wanted.length == 0 || wanted.length * form().bytes() > Decoding.HELD) {
            return;
        }
        var pixels = new FutureTask<>(() -> items.chosen(wanted));
        coming = new Coming(wanted, pixels);
        Thread.ofPlatform().daemon().name("decoding ahead").start(pixels);
    }

    @Override
    public byte[] get(int item) {
        return items.get(item);
    }

    @Override
    public Undecoded.Entry[] entries() {
        return items.entries();
    }

    @Override
    public int threads() {
        return items.threads();
    }

    @Override
    public Undecoded select(int... chosen) {
        return items.select(chosen);
    }
}
