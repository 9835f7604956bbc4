package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every format gives the same bytes in pieces as in one.
final class StreamTest {
    private static final TensorInfo LARGE = new TensorInfo("large", DType.U8, List.of(2L * Checkpoint.CHUNK + 5));

    @TempDir
    Path folder;

    private static byte[] pieces(Checkpoint checkpoint, String name) throws IOException {
        var bytes = new ByteArrayOutputStream();
        checkpoint.stream(name, chunk -> {
            assertThat(chunk.remaining()).isBetween(1, Checkpoint.CHUNK);
            var piece = new byte[chunk.remaining()];
            chunk.get(piece);
            bytes.writeBytes(piece);
        });
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors/reference.safetensors", "checkpoint/strides-zip.pt",
            "checkpoint/strides-legacy.pt", "gguf/pico-llama3.gguf", "gguf/pico-qwen3.gguf"})
    void piecesAreTheWhole(String file) throws IOException {
        try (var checkpoint = Checkpoints.open(Path.of("src/test/resources", file)); var arena = Arena.ofShared()) {
            for (var name : checkpoint.tensors().keySet()) {
                var whole = checkpoint.read(name).toArray(ValueLayout.JAVA_BYTE);
                assertThat(pieces(checkpoint, name)).as(name).isEqualTo(whole);
                assertThat(checkpoint.read(name, arena).toArray(ValueLayout.JAVA_BYTE)).as(name).isEqualTo(whole);
            }
            assertThatThrownBy(() -> checkpoint.stream("nope", _ -> {})).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Path large() throws IOException {
        var file = folder.resolve("large.safetensors");
        SafeTensorsWriter.stream(file, List.of(LARGE), Map.of(), (_, to) -> {
            var bytes = ByteBuffer.allocate((int) LARGE.bytes());
            for (int i = 0; i < bytes.capacity(); i++) {
                bytes.put(i, (byte) (i * 31 + i / 251));
            }
            to.accept(bytes);
        });
        return file;
    }

    @Test
    void manyPiecesAreInOrder() throws IOException {
        try (var checkpoint = Checkpoints.open(large())) {
            assertThat(pieces(checkpoint, "large")).isEqualTo(
                    checkpoint.read("large").toArray(ValueLayout.JAVA_BYTE)).hasSize((int) LARGE.bytes());
        }
    }

    @Test
    void aFileThatBecomesShorterIsNoticed() throws IOException {
        var file = large();
        try (var checkpoint = Checkpoints.open(file)) {
            try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
                cut.setLength(Files.size(file) - 100);
            }
            assertThatThrownBy(() -> pieces(checkpoint, "large")).isInstanceOf(IOException.class)
                    .hasMessageContaining("became shorter").hasMessageContaining(file.toString());
        }
    }

    /// The sums are of what was given; what comes back from the disk is compared with them.
    @Test
    void bytesThatTheDiskChangesAreNoticed() throws IOException {
        var file = folder.resolve("w.safetensors");
        var infos = List.of(new TensorInfo("a", DType.U8, List.of(4L)), new TensorInfo("b", DType.U8, List.of(4L)));
        assertThatThrownBy(() -> SafeTensorsWriter.stream(file, infos, Map.of(), (name, to) -> {
            to.accept(ByteBuffer.wrap(new byte[]{1, 2, 3, 4}));
            if (name.equals("b")) {
                changeLastByteButThree();
            }
        })).isInstanceOf(IOException.class).hasMessageContaining("'b' reads back differently")
                .hasMessageContaining(file.toString());
        assertThat(file).doesNotExist();
    }

    private void changeLastByteButThree() throws IOException {
        try (var files = Files.list(folder);
                var aside = new RandomAccessFile(files.toList().getFirst().toFile(), "rw")) {
            aside.seek(aside.length() - 4);
            aside.write(77);
        }
    }

    @Test
    void aClosedFileIsNotStreamed() throws IOException {
        var checkpoint = Checkpoints.open(large());
        checkpoint.close();
        assertThatThrownBy(() -> pieces(checkpoint, "large")).isInstanceOf(IllegalStateException.class);
    }
}
