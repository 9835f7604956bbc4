package dev.sglp.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Thousands of damaged files end in success or an `IOException` that names the file: never in another error, soon, and
/// without taking much more memory than the file has.
final class HostileFilesTest {
    private static final int MUTANTS = 1000;
    private static final long ALLOWANCE = 16 << 20;
    private static final long GROWTH = 64;
    private static final com.sun.management.ThreadMXBean THREADS = (com.sun.management.ThreadMXBean) ManagementFactory
            .getThreadMXBean();

    @TempDir
    Path folder;

    private int refused;

    @ParameterizedTest
    @EnumSource
    @Timeout(60)
    void aDamagedFileIsReadOrRefused(Readers reader) throws IOException {
        List<byte[]> seeds = reader.seeds();
        for (var seed : seeds) { // the first time, classes are loaded too
            reader.read(Files.write(folder.resolve(reader.fileName), seed));
        }
        for (int i = 0; i < MUTANTS; i++) {
            attempt(reader, reader.mutant(seeds.get(i % seeds.size()), i), "mutant " + i);
        }
        System.out.printf("%s: %d mutants, %d refused%n", reader, MUTANTS, refused);
        assertThat(refused).as("refused").isBetween(MUTANTS / 10, MUTANTS - 1);
    }

    private void attempt(Readers reader, byte[] content, String which) throws IOException {
        var file = Files.write(folder.resolve(reader.fileName), content);
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long nanos = THREADS.getCurrentThreadCpuTime();
        try {
            reader.read(file);
        } catch (IOException e) {
            refused++;
            assertThat(e.getMessage()).as("%s, %s", reader, which).contains(folder.toString());
        } catch (Throwable e) {
            throw new AssertionError("%s, %s, ended in %s".formatted(reader, which, e), e);
        }
        assertThat(THREADS.getCurrentThreadCpuTime() - nanos).as("%s, %s: nanoseconds", reader, which)
                .isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - bytes).as("%s, %s: bytes allocated", reader, which)
                .isLessThan(ALLOWANCE + GROWTH * content.length);
    }
}
