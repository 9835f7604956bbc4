package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Cut, flipped and lying files end in success or an `IOException`, soon and without a large heap.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DamagedTorchFilesTest {
    private static final String[] SEEDS = {"strides-zip.pt", "strides-legacy.pt", "trained-zip.pt",
            "trained-legacy.pt"};

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MOST_BYTES = 32 << 20;

    @TempDir
    Path folder;

    /// Also holds the promise on time and heap; the file itself is at most 30 kB.
    private boolean reads(byte[] bytes) throws IOException {
        var path = Files.write(folder.resolve("damaged.pt"), bytes);
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean well = TorchFixtures.reads(path);
        assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(MOST_NANOS);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated).as("bytes").isLessThan(MOST_BYTES);
        return well;
    }

    @ParameterizedTest
    @ValueSource(strings = {"strides-zip.pt", "strides-legacy.pt", "trained-zip.pt", "trained-legacy.pt"})
    void aCutFileIsRefused(String name) throws IOException {
        var whole = Files.readAllBytes(TorchFixtures.HERE.resolve(name));
        for (int part = 1; part < 64; part++) {
            assertThat(reads(Arrays.copyOf(whole, (int) ((long) whole.length * part / 64)))).as("cut at %d/64", part)
                    .isFalse();
        }
        assertThat(reads(Arrays.copyOf(whole, whole.length - 1))).isFalse();
        assertThat(reads(whole)).isTrue();
    }

    @Test
    void aFlippedBitEndsInSuccessOrAnError() throws IOException {
        var random = new SplittableRandom(56);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            var bytes = Files.readAllBytes(TorchFixtures.HERE.resolve(SEEDS[i % SEEDS.length]));
            int flips = 1 + i % 3;
            for (int k = 0; k < flips; k++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            refused += reads(bytes) ? 0 : 1;
        }
        assertThat(refused).isBetween(200, 2999);
    }

    /// Every 4-byte field of the zip's directory, made large, negative, and a little too large.
    @Test
    void aLyingZipDirectoryIsRefusedOrHarmless() throws IOException {
        var whole = Files.readAllBytes(TorchFixtures.HERE.resolve("nested-zip.pt"));
        int directory = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 22 + 16);
        int refused = 0;
        for (int at = directory; at + 4 <= whole.length; at++) {
            for (int lie : new int[]{-1, Integer.MAX_VALUE, whole.length}) {
                var bytes = whole.clone();
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, lie);
                refused += reads(bytes) ? 0 : 1;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    @Test
    void aLyingCountOfAStorageIsRefused() throws IOException {
        var whole = Files.readAllBytes(TorchFixtures.HERE.resolve("parameters-legacy.pt"));
        int count = whole.length - 16 - 8;
        assertThat(ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(count)).isEqualTo(4);
        for (long lie : new long[]{-1, 0, 3, 5, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
            var bytes = whole.clone();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(count, lie);
            assertThat(reads(bytes)).as("count %d", lie).isFalse();
        }
    }
}
