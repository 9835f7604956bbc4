package dev.sglp.output;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A flush that fails while more is written.
final class FlushAheadTest {
    private static final long MUCH = 1L << 27;

    @Test
    void aFailureIsToldOnceAndAsItIs(@TempDir Path folder) throws IOException {
        var channel = FileChannel.open(folder.resolve("x"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        channel.close();
        assertThatThrownBy(() -> {
            try (var ahead = new FlushAhead(channel)) {
                for (int i = 0; i < 1_000_000; i++) {
                    ahead.wrote(MUCH);
                    Thread.onSpinWait();
                }
            }
        }).isInstanceOf(ClosedChannelException.class).hasNoSuppressedExceptions();
        assertThatThrownBy(() -> {
            try (var ahead = new FlushAhead(channel)) {
                ahead.wrote(MUCH);
            }
        }).as("at the end").isInstanceOf(ClosedChannelException.class);
    }
}
