package dev.sglp.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written is read by Java's own zip reader and by ours, with and without 64-bit fields.
final class ZipWriterTest {
    @TempDir
    Path folder;

    private static byte[] content(int number) {
        var bytes = new byte[number * 37 % 300];
        java.util.Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private Path written(long large, int entries) throws IOException {
        var out = new ByteArrayOutputStream();
        var zip = new ZipWriter(buffer -> {
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            out.writeBytes(bytes);
        }, large);
        for (int i = 0; i < entries; i++) {
            zip.add("folder/entry é " + i, content(i));
        }
        zip.finish();
        return Files.write(folder.resolve("some.zip"), out.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 100, 2000, 0xffff_ffffL})
    void bothReadersFindEveryEntry(long large) throws IOException {
        var file = written(large, 40);
        var own = new ZipEntries(file, MemorySegment.ofArray(Files.readAllBytes(file)));
        try (var javas = new ZipFile(file.toFile())) {
            assertThat(javas.size()).isEqualTo(40);
            for (int i = 0; i < 40; i++) {
                var name = "folder/entry é " + i;
                assertThat(own.get(name).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content(i));
                assertThat(own.unpacked(name).byteSize()).isEqualTo(content(i).length);
                assertThat(javas.getInputStream(javas.getEntry(name)).readAllBytes()).isEqualTo(content(i));
            }
        }
    }

    @Test
    void moreEntriesThanSixteenBitsCountAreFound() throws IOException {
        var file = written(0xffff_ffffL, 70_000);
        assertThat(new ZipEntries(file, MemorySegment.ofArray(Files.readAllBytes(file))).names()).hasSize(70_000);
        try (var javas = new ZipFile(file.toFile())) {
            assertThat(javas.size()).isEqualTo(70_000);
        }
    }
}
