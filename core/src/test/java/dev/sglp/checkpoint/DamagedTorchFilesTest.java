package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

    @TempDir
    Path folder;

    private boolean reads(byte[] bytes) throws IOException {
        return TorchFixtures.reads(Files.write(folder.resolve("damaged.pt"), bytes));
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
        for (int i = 0; i < 4000; i++) {
            var bytes = Files.readAllBytes(TorchFixtures.HERE.resolve(SEEDS[i % SEEDS.length]));
            int flips = 1 + i % 3;
            for (int k = 0; k < flips; k++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            long start = System.nanoTime();
            refused += reads(bytes) ? 0 : 1;
            assertThat(System.nanoTime() - start).as("flip %d", i).isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
        assertThat(refused).isBetween(200, 3999);
    }

    /// Every 4-byte field of the zip's directory, made large, negative, and a little too large.
    @Test
    void aLyingZipDirectoryIsRefusedOrHarmless() throws IOException {
        var whole = Files.readAllBytes(TorchFixtures.HERE.resolve("nested-zip.pt"));
        int directory = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 22 + 16);
        int refused = 0;
        for (int at = directory; at + 4 <= whole.length; at++) {
            for (int lie : new int[]{-1, Integer.MAX_VALUE, Integer.MIN_VALUE, whole.length, 0}) {
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
