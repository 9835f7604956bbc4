package dev.sglp.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every type gives the numbers that the `gguf` package gives, bit for bit.
final class BlocksTest {
    private static byte[] part(byte[] all, com.fasterxml.jackson.databind.JsonNode range) {
        return Arrays.copyOfRange(all, range.get(0).asInt(), range.get(0).asInt() + range.get(1).asInt());
    }

    private static float[] expected(GgufType type) throws IOException {
        var range = GgufFixtures.json("blocks.json").path("types").path(type.name()).path("values");
        var bytes = part(Files.readAllBytes(GgufFixtures.file("blocks.f32")), range);
        return MemorySegment.ofArray(bytes).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    private static GgufTensor tensor(GgufType type, long rows, long width) {
        return new GgufTensor("t", type, List.of(rows, width), 3, type.bytesOf(rows * width));
    }

    private static float[] read(GgufType type, GgufTensor tensor, byte[] raw) {
        try (var arena = Arena.ofShared()) {
            var file = arena.allocate(3 + raw.length);
            MemorySegment.copy(raw, 0, file, ValueLayout.JAVA_BYTE, 3, raw.length);
            var to = arena.allocate(tensor.elements() * type.dtype().bytes());
            new Dequantiser(file, tensor, row -> row).copyTo(to);
            return GgufFixtures.floats(to, type.dtype());
        }
    }

    private static byte[] raw(GgufType type) throws IOException {
        var said = GgufFixtures.json("blocks.json").path("types").path(type.name());
        assertThat(GgufType.ofCode(said.path("code").asInt())).contains(type);
        return part(Files.readAllBytes(GgufFixtures.file("blocks.bin")), said.path("bytes"));
    }

    @ParameterizedTest
    @EnumSource
    void aTypeIsReadAsItsMakersReadIt(GgufType type) throws IOException {
        var expected = expected(type);
        assertThat(expected.length).isGreaterThan(100);
        assertThat(read(type, tensor(type, 1, expected.length), raw(type))).containsExactly(expected);
    }

    @ParameterizedTest
    @EnumSource
    void rowsMayBeReadInAnotherOrder(GgufType type) throws IOException {
        var expected = expected(type);
        int half = expected.length / 2;
        try (var arena = Arena.ofShared()) {
            var file = arena.allocate(raw(type).length).copyFrom(MemorySegment.ofArray(raw(type)));
            var to = arena.allocate((long) expected.length * type.dtype().bytes());
            var tensor = new GgufTensor("t", type, List.of(2L, (long) half), 0, file.byteSize());
            new Dequantiser(file, tensor, row -> 1 - row).copyTo(to);
            var got = GgufFixtures.floats(to, type.dtype());
            assertThat(Arrays.copyOf(got, half)).containsExactly(Arrays.copyOfRange(expected, half, expected.length));
            assertThat(Arrays.copyOfRange(got, half, got.length)).containsExactly(Arrays.copyOf(expected, half));
        }
    }

    /// Longer than what is turned at a time, and with a rest.
    @Test
    void aLongRowIsReadWhole() throws IOException {
        int times = 101;
        var once = expected(GgufType.Q5_K);
        var raw = raw(GgufType.Q5_K);
        var many = new byte[raw.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(raw, 0, many, i * raw.length, raw.length);
        }
        var got = read(GgufType.Q5_K, tensor(GgufType.Q5_K, 1, (long) once.length * times), many);
        for (int i = 0; i < times; i++) {
            assertThat(Arrays.copyOfRange(got, i * once.length, (i + 1) * once.length)).containsExactly(once);
        }
    }
}
