package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The reference file and what it holds are made by `tools/make_safetensors_fixtures.py` with the reference library.
final class SafeTensorsTest {
    private static final Path REFERENCE = Path.of("src/test/resources/safetensors/reference.safetensors");

    @TempDir
    Path folder;

    private static byte[] bytes(Checkpoint file, TensorInfo info) throws IOException {
        return file.read(info.name()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static JsonNode described(Checkpoint file) throws IOException {
        var tensors = new TreeMap<String, Object>();
        for (var info : file.tensors().values()) {
            assertThat(file.read(info.name()).address() % info.dtype().bytes()).as("alignment").isZero();
            tensors.put(info.name(), Map.of("dtype", info.dtype().code(), "shape", info.shape(), "bytes",
                    HexFormat.of().formatHex(bytes(file, info))));
        }
        var json = new ObjectMapper();
        return json.readTree(json.writeValueAsString(Map.of("metadata", file.metadata(), "tensors", tensors)));
    }

    private static void copy(Checkpoint file, List<TensorInfo> infos, Path to) throws IOException {
        SafeTensorsWriter.write(to, infos, file.metadata(), name -> {
            try {
                return file.read(name);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void everyTensorIsWhatTheReferenceLibrarySays() throws IOException {
        try (var file = Checkpoints.open(REFERENCE)) {
            assertThat(file.format()).isEqualTo("safetensors");
            assertThat(described(file))
                    .isEqualTo(new ObjectMapper().readTree(REFERENCE.resolveSibling("reference.json").toFile()));
        }
    }

    /// So the reference library reads what is written here.
    @Test
    void aCopyIsTheReferenceFileByteForByte() throws IOException {
        var copy = folder.resolve("copy.safetensors");
        try (var file = Checkpoints.open(REFERENCE)) {
            copy(file, List.copyOf(file.tensors().values()), copy);
        }
        assertThat(copy).hasSameBinaryContentAs(REFERENCE);
    }

    /// Bytes before numbers of eight bytes: nearly every tensor begins at an odd place.
    @Test
    void unalignedTensorsAreReadAligned() throws IOException {
        var turned = folder.resolve("turned.safetensors");
        try (var file = Checkpoints.open(REFERENCE)) {
            var infos = new ArrayList<>(file.tensors().values());
            Collections.reverse(infos);
            copy(file, infos, turned);
            try (var back = Checkpoints.open(turned)) {
                assertThat(List.copyOf(back.tensors().values())).isEqualTo(infos);
                assertThat(described(back)).isEqualTo(described(file));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackBitForBit(DType dtype) throws IOException {
        var path = folder.resolve(dtype + ".safetensors");
        var infos = List.of(new TensorInfo("odd", DType.U8, List.of(1L)), new TensorInfo("scalar", dtype, List.of()),
                new TensorInfo("none", dtype, List.of(2L, 0L, 3L)), new TensorInfo("some", dtype, List.of(3L, 1L, 5L)));
        try (var arena = Arena.ofConfined()) {
            var all = arena.allocate(256);
            for (int i = 0; i < 256; i++) {
                all.set(ValueLayout.JAVA_BYTE, i, (byte) (37 * i + 11));
            }
            SafeTensorsWriter.write(path, infos, Map.of(), name -> all.asSlice(1, bytesOf(infos, name)));
            try (var back = SafeTensors.open(path)) {
                assertThat(List.copyOf(back.tensors().values())).isEqualTo(infos);
                for (var info : infos) {
                    assertThat(back.read(info.name()).mismatch(all.asSlice(1, info.bytes()))).isEqualTo(-1);
                }
            }
        }
    }

    private static long bytesOf(List<TensorInfo> infos, String name) {
        return infos.stream().filter(info -> info.name().equals(name)).findFirst().orElseThrow().bytes();
    }

    @Test
    void aFileWithoutTensorsIsAFile() throws IOException {
        var path = folder.resolve("nothing.safetensors");
        SafeTensorsWriter.write(path, List.of(), Map.of(), _ -> MemorySegment.NULL);
        try (var back = Checkpoints.open(path)) {
            assertThat(back.tensors()).isEmpty();
        }
    }

    @Test
    void theHeaderEndsAtAMultipleOfEight() throws IOException {
        for (int length = 1; length <= 9; length++) {
            var path = folder.resolve("padded.safetensors");
            SafeTensorsWriter.write(path, List.of(), Map.of("k", "x".repeat(length)), _ -> MemorySegment.NULL);
            assertThat(Files.size(path) % 8).isZero();
        }
    }

    /// 19,280 in hexadecimal is 4B50, and `PK` begins a zip file; the others look like pickles of protocol 2 to 5.
    @ParameterizedTest
    @ValueSource(ints = {19_280, 640, 896, 1_152, 1_408})
    void aHeadersLengthThatLooksLikeAnotherFormatMisleadsNobody(int length) throws IOException {
        var file = folder.resolve("some.safetensors");
        var header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        var bytes = ByteBuffer.allocate(8 + length + 4).order(ByteOrder.LITTLE_ENDIAN).putLong(length)
                .put(header.getBytes(StandardCharsets.UTF_8));
        while (bytes.position() < 8 + length) {
            bytes.put((byte) ' ');
        }
        Files.write(file, bytes.putFloat(1).array());
        try (var opened = Checkpoints.open(file)) {
            assertThat(opened.tensors()).containsOnlyKeys("a");
        }
    }

    @Test
    void anUnknownNameIsAWrongCallAndReadingAfterCloseAWrongState() throws IOException {
        var file = SafeTensors.open(REFERENCE);
        assertThatThrownBy(() -> file.read("nope")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nope");
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read("scalar")).isInstanceOf(IllegalStateException.class);
    }
}
