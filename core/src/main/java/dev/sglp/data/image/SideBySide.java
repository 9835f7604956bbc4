package dev.sglp.data.image;

import dev.sglp.progress.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// The same work for many items on several threads; the first failure stops all.
///
/// @param step is told of each block that is done
record SideBySide(int threads, int count, Progress.Step step) {
    private static final int BLOCK = 32;

    /// What is done for an item.
    interface Work {
        void on(int item) throws IOException;
    }

    void run(Work work) throws IOException {
        int block = Math.clamp(Math.ceilDiv(count, threads), 1, BLOCK);
        int workers = Math.min(threads, Math.ceilDiv(count, block));
        var cursor = new AtomicInteger();
        Callable<Void> share = () -> {
            try {
                for (int from = cursor.getAndAdd(block); from < count; from = cursor.getAndAdd(block)) {
                    int to = Math.min(count, from + block);
                    for (int i = from; i < to; i++) {
                        work.on(i);
                    }
                    step.advance(to - from);
                }
                return null;
            } finally {
                cursor.set(count); // the others stop too, whether all is done or one item failed
            }
        };
        if (workers <= 1) {
            alone(share);
        } else {
            together(share, workers);
        }
    }

    private static void alone(Callable<Void> work) throws IOException {
        try {
            work.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void together(Callable<Void> work, int workers) throws IOException {
        try (var pool = Executors.newFixedThreadPool(workers, Thread.ofPlatform().daemon().factory())) {
            var running = IntStream.range(0, workers).mapToObj(_ -> pool.submit(work)).toList();
            for (var future : running) {
                await(future);
            }
        }
    }

    private static void await(Future<Void> future) throws IOException {
        try {
            future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while decoding images");
        }
    }
}
