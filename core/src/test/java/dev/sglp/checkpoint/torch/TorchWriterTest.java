package dev.sglp.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.tensor.DType;
import dev.sglp.checkpoint.*;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// State dicts in PyTorch's zip format. That PyTorch opens them is proven by `tools/open_pth.py`.
final class TorchWriterTest {
    @TempDir
    Path folder;

    private Path copy(Checkpoint file, String name) throws IOException {
        var target = folder.resolve(name);
        TorchWriter.write(target, List.copyOf(file.tensors().values()), tensor -> {
            try {
                return file.read(tensor);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        return target;
    }

    private static Path resource(String name) {
        return Oracle.file("../" + name).normalize();
    }

    @Test
    void everyTypeAndShapeComesBackBitForBit() throws IOException {
        for (var name : List.of("dtypes-zip.pt", "strides-zip.pt", "trained-zip.pt")) {
            try (var file = Checkpoints.open(resource("checkpoint/" + name));
                    var back = Checkpoints.open(copy(file, name))) {
                assertThat(back.format()).isEqualTo("PyTorch (zip)");
                assertThat(new LinkedHashMap<>(back.tensors())).isEqualTo(new LinkedHashMap<>(file.tensors()));
                assertThat(back.tensors().keySet()).containsExactlyElementsOf(file.tensors().keySet());
                for (var tensor : file.tensors().keySet()) {
                    assertThat(back.read(tensor).mismatch(file.read(tensor))).as(tensor).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void theSameTensorsGiveTheSameBytes() throws IOException {
        try (var file = Checkpoints.open(resource("oracle/pico_resnet.safetensors"))) {
            assertThat(copy(file, "one.pth")).hasSameBinaryContentAs(copy(file, "two.pth"));
        }
    }

    @Test
    void itsEntriesAreThoseOfTorchSaveAndJavasZipReaderChecksThemToo() throws IOException {
        try (var file = Checkpoints.open(resource("checkpoint/trained-zip.pt"));
                var zip = new ZipFile(copy(file, "model.pth").toFile())) {
            int tensors = file.tensors().size();
            assertThat(zip.stream().map(e -> e.getName())).hasSize(tensors + 3).startsWith("archive/data.pkl",
                    "archive/byteorder", "archive/data/0").endsWith("archive/data/" + (tensors - 1), "archive/version");
            for (var entry : zip.stream().toList()) {
                assertThat(zip.getInputStream(entry).readAllBytes()).as(entry.getName()).hasSize((int) entry.getSize());
            }
        }
    }

    @Test
    void everyEntryIsAligned() throws IOException {
        try (var file = Checkpoints.open(resource("checkpoint/dtypes-zip.pt"))) {
            var bytes = Files.readAllBytes(copy(file, "model.pth"));
            var text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            int seen = 0;
            for (int at = text.indexOf("PK\3\4"); at >= 0; at = text.indexOf("PK\3\4", at + 1)) {
                int name = bytes[at + 26] & 0xff;
                int extra = (bytes[at + 28] & 0xff) + ((bytes[at + 29] & 0xff) << 8);
                assertThat((at + 30 + name + extra) % 64).as("entry at %d", at).isZero();
                seen++;
            }
            assertThat(seen).isEqualTo(file.tensors().size() + 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongCallIsRefusedAndLeavesNothing(OutputFormat format) throws IOException {
        var wrong = List.of(new TensorInfo("w", DType.F32, List.of(2L)));
        assertThatThrownBy(() -> format.write(folder.resolve("x"), wrong, _ -> MemorySegment.NULL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'w' has 0 bytes, expected 8");
        var twice = List.of(wrong.getFirst(), wrong.getFirst());
        assertThatThrownBy(() -> format.write(folder.resolve("x"), twice, _ -> MemorySegment.NULL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'w' is to be written twice");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void bytesThatChangeBetweenWritingAndComparingAreNoticed() {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(4);
            Function<String, MemorySegment> changing = _ -> {
                bytes.set(ValueLayout.JAVA_BYTE, 2, (byte) (bytes.get(ValueLayout.JAVA_BYTE, 2) + 1));
                return bytes;
            };
            var one = List.of(new TensorInfo("w", DType.U8, List.of(4L)));
            assertThatThrownBy(() -> TorchWriter.write(folder.resolve("model.pth"), one, changing))
                    .isInstanceOf(IOException.class).hasMessageContaining("'w' reads back differently");
        }
        assertThat(folder).isEmptyDirectory();
    }
}
