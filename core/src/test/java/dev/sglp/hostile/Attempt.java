package dev.sglp.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Reading a file that may harm, with what it may cost.
final class Attempt {
    static final String READ = "read";
    private static final long GROWTH = 64; // bytes a byte of the file
    private static final com.sun.management.ThreadMXBean THREAD = (com.sun.management.ThreadMXBean) ManagementFactory
            .getThreadMXBean();

    private Attempt() {}

    /// Reads the file, which must end well or in an `IOException` that names it, within a second of computing and a small
    /// multiple of its size.
    ///
    /// @return {@link #READ}, or why it was refused
    static String read(Readers reader, Path file, String which) throws IOException {
        long bytes = THREAD.getCurrentThreadAllocatedBytes();
        long nanos = THREAD.getCurrentThreadCpuTime();
        String end = ends(reader, file, which);
        assertThat(THREAD.getCurrentThreadCpuTime() - nanos).as("%s, %s: nanoseconds", reader, which)
                .isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(THREAD.getCurrentThreadAllocatedBytes() - bytes).as("%s, %s: bytes allocated", reader, which)
                .isLessThan(reader.allowance() + GROWTH * Files.size(file));
        return end;
    }

    private static String ends(Readers reader, Path file, String which) {
        try {
            reader.read(file);
            return READ;
        } catch (IOException e) {
            assertThat(e.getMessage()).as("%s, %s", reader, which).containsAnyOf(file.getParent().toString(),
                    "[" + file.getFileName());
            return e.getMessage();
        } catch (Throwable e) {
            throw new AssertionError("%s, %s, ended in %s".formatted(reader, which, e), e);
        }
    }
}
