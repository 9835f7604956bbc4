package dev.sglp.output;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Sends what was written to the disk while more is written, so that the last flush has little left to do. Close it before that.
public final class FlushAhead implements AutoCloseable {
    private static final long PIECE = 1L << 26; // bytes

    private final FileChannel channel;
    private long open;
    private CompletableFuture<Void> flush = CompletableFuture.completedFuture(null);

    public FlushAhead(FileChannel channel) {
        this.channel = channel;
    }

    /// So many more bytes have been written.
    ///
    /// @throws IOException where an earlier flush failed: the system tells it once
    public void wrote(long bytes) throws IOException {
        open += bytes;
        if (open >= PIECE && flush.isDone()) {
            close();
            open = 0;
            flush = CompletableFuture.runAsync(this::force, task -> Thread.ofVirtual().start(task));
        }
    }

    private void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits for the flush that is under way.
    @Override
    public void close() throws IOException {
        var last = flush;
        flush = CompletableFuture.completedFuture(null); // its failure is told once
        try {
            last.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException wrapped ? wrapped.getCause() : new IOException(e);
        }
    }
}
