package dev.sglp.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.output.AtomicFile.Check;
import dev.sglp.output.AtomicFile.Filler;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong on the way out leaves the old file as it was, and nothing beside it.
final class AtomicFileTest {
    private static final Check FINE = _ -> {};
    private static final List<TensorInfo> ONE = List.of(new TensorInfo("w", DType.U8, List.of(4L)));

    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void anOldFile() throws IOException {
        target = Files.writeString(folder.resolve("model.safetensors"), "old");
    }

    private static Filler part(IOException trouble) {
        return channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[1000]));
            throw trouble;
        };
    }

    private void onlyTheOldFileIsThere() throws IOException {
        assertThat(target).hasContent("old");
        assertThat(folder).isDirectoryContaining(target::equals);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void aFileIsReplacedWhole() throws IOException {
        AtomicFile.write(target, "new".getBytes());
        assertThat(target).hasContent("new");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void missingFoldersAreMade() throws IOException {
        var deep = folder.resolve("a/b/c.json");
        AtomicFile.write(deep, "new".getBytes());
        assertThat(deep).hasContent("new");
    }

    @Test
    void aFillerThatFailsMidwayLeavesTheOldFile() throws IOException {
        assertThatThrownBy(() -> AtomicFile.write(target, part(new IOException("No space left on device")), FINE))
                .isInstanceOf(OutputException.class).hasMessageContaining(target.toString())
                .hasMessageContaining("No space left on device");
        onlyTheOldFileIsThere();
    }

    @Test
    void aFillerThatIsWrongLeavesTheOldFile() throws IOException {
        Filler wrong = _ -> {
            throw new IllegalArgumentException("wrong call");
        };
        assertThatThrownBy(() -> AtomicFile.write(target, wrong, FINE)).isInstanceOf(IllegalArgumentException.class);
        onlyTheOldFileIsThere();
    }

    @Test
    void aFullDiskIsSaidToBeFull() throws IOException {
        var full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "no /dev/full here");
        Filler toFull = _ -> {
            try (var channel = FileChannel.open(full, StandardOpenOption.WRITE)) {
                AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[1 << 16]));
            }
        };
        assertThatThrownBy(() -> AtomicFile.write(target, toFull, FINE)).isInstanceOf(OutputException.class)
                .hasMessageContaining("disk is full");
        onlyTheOldFileIsThere();
    }

    @Test
    void aCheckThatFailsLeavesTheOldFile() throws IOException {
        Check never = written -> {
            assertThat(written).hasContent("new").isNotEqualTo(target);
            throw new IOException("not as it should be");
        };
        Filler fills = channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap("new".getBytes()));
        assertThatThrownBy(() -> AtomicFile.write(target, fills, never)).hasMessage("not as it should be");
        onlyTheOldFileIsThere();
    }

    @Test
    void aPathBelowAFileIsNotWritable() throws IOException {
        var below = target.resolve("out.safetensors");
        assertThatThrownBy(() -> AtomicFile.write(below, new byte[1])).isInstanceOf(OutputException.class)
                .hasMessageContaining(below.toString());
        onlyTheOldFileIsThere();
    }

    @Test
    void aFolderThatTakesNoFilesIsNotWritable() {
        var inProc = Path.of("/proc/self/sglp.safetensors");
        assumeTrue(Files.isDirectory(inProc.getParent()), "no /proc here");
        assertThatThrownBy(() -> AtomicFile.write(inProc, new byte[1])).isInstanceOf(OutputException.class)
                .hasMessageContaining(inProc.toString());
    }

    @Test
    void aDirectoryIsNotReplaced() throws IOException {
        var directory = Files.createDirectories(folder.resolve("there/full")).getParent();
        assertThatThrownBy(() -> AtomicFile.write(directory, new byte[1])).isInstanceOf(OutputException.class)
                .hasMessageContaining(directory.toString());
        Files.delete(directory.resolve("full"));
        Files.delete(directory);
        onlyTheOldFileIsThere();
    }

    @Test
    void bytesThatChangeBetweenWritingAndComparingAreNoticed() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(4);
            Function<String, MemorySegment> changing = _ -> {
                bytes.set(ValueLayout.JAVA_BYTE, 2, (byte) (bytes.get(ValueLayout.JAVA_BYTE, 2) + 1));
                return bytes;
            };
            assertThatThrownBy(() -> SafeTensorsWriter.write(target, ONE, Map.of(), changing))
                    .isInstanceOf(IOException.class).hasMessageContaining("'w' reads back differently")
                    .hasMessageContaining(target.toString());
        }
        onlyTheOldFileIsThere();
    }

    @Test
    void bytesOfAnotherSizeAreAWrongCall() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var three = arena.allocate(3);
            assertThatThrownBy(() -> SafeTensorsWriter.write(target, ONE, Map.of(), _ -> three))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("3 bytes, expected 4");
        }
        onlyTheOldFileIsThere();
    }

    @Test
    void twoTensorsOfOneNameAreAWrongCall() throws IOException {
        var twice = List.of(ONE.getFirst(), ONE.getFirst());
        assertThatThrownBy(() -> SafeTensorsWriter.write(target, twice, Map.of(), _ -> MemorySegment.NULL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'w'");
        onlyTheOldFileIsThere();
    }
}
