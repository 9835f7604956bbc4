package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers that lie are refused with the file's name and what is wrong.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class HostileSafeTensorsTest {
    private static final Path REFERENCE = Path.of("src/test/resources/safetensors/reference.safetensors");

    @TempDir
    Path folder;

    private Path file(long length, byte[] json, int dataBytes) throws IOException {
        var bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length)
                .put(json);
        return Files.write(folder.resolve("lying.safetensors"), bytes.array());
    }

    private Path file(String json, int dataBytes) throws IOException {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return file(bytes.length, bytes, dataBytes);
    }

    private static void refused(Path path, String why) {
        assertThatThrownBy(() -> SafeTensors.open(path).close()).isInstanceOf(IOException.class)
                .hasMessageContaining(path.toString()).hasMessageContaining(why);
    }

    private static String tensor(String name, String dtype, String shape, String range) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(name, dtype, shape, range);
    }

    /// The files below are wrong in one thing only: without it they are read.
    @Test
    void theSameFileWithoutLieIsRead() throws IOException {
        var json = "{%s,%s}".formatted(tensor("b", "U8", "[3]", "[8,11]"), tensor("a", "F32", "[2]", "[0,8]"));
        try (var sound = SafeTensors.open(file(json, 11))) {
            assertThat(sound.tensors().keySet()).containsExactly("b", "a");
            assertThat(sound.read("b").byteSize()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[4] | [4,8] | overlap or leave a hole", "[4] | [7,11] | overlap",
            "[4] | [9,13] | leave a hole", "[4] | [8,12] | ends at byte 12", "[2] | [8,10] | accounts for 10",
            "[3] | [8,12] | data_offsets", "[3] | [11,8] | data_offsets", "[3] | [-3,0] | data_offsets",
            "[3] | [8] | data_offsets", "[3] | [8,11,11] | data_offsets", "[3] | [] | data_offsets",
            "[-3] | [8,11] | impossible shape", "[3,-1] | [8,11] | impossible shape",
            "[-1,-3] | [8,11] | impossible shape",
            "[4294967296,4294967296] | [8,11] | impossible shape", "[9223372036854775807] | [8,11] | data_offsets",
            "[9223372036854775808] | [8,11] | whole numbers", "[3.0] | [8,11] | whole numbers",
            "[\"3\"] | [8,11] | whole numbers", "[[3]] | [8,11] | whole numbers", "[null] | [8,11] | whole numbers",
            "3 | [8,11] | short lists", "{} | [8,11] | short lists", "null | [8,11] | short lists",
            "[3] | [8,9223372036854775807] | data_offsets"})
    void aRangeThatDoesNotFitIsRefused(String shape, String range, String why) throws IOException {
        refused(file("{%s,%s}".formatted(tensor("a", "F32", "[2]", "[0,8]"), tensor("b", "U8", shape, range)), 11),
                why);
    }

    @Test
    void emptyTensorsMayNotLieAnywhereElse() throws IOException {
        refused(file("{%s,%s}".formatted(tensor("a", "U8", "[2]", "[0,2]"), tensor("b", "U8", "[0]", "[1,1]")), 2),
                "overlap");
        refused(file("{%s}".formatted(tensor("b", "U8", "[0]", "[1,1]")), 0), "hole");
        SafeTensors.open(file(
                "{%s,%s}".formatted(tensor("a", "U8", "[2]", "[0,2]"), tensor("b", "I64", "[0,9]", "[0,0]")), 2))
                .close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"F4", "f32", "C64", "", "F8_E4M3"})
    void anUnknownTypeIsRefused(String dtype) throws IOException {
        refused(file("{" + tensor("a", dtype, "[1]", "[0,1]") + "}", 1), "not read. Known: [F64");
    }

    @Test
    void aNameThatIsThereTwiceIsRefused() throws IOException {
        var one = tensor("a", "U8", "[1]", "[0,1]");
        refused(file("{" + one + "," + one + "}", 1), "Duplicate field 'a'");
        refused(file("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
                "Duplicate field 'dtype'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "1 ", "\"x\"", "{}x", "{", "{\"a\":1}", "{\"a\":{}}", "{\"a\":[]}",
            "{}{}", "NaN", "{a:1}", "\ufeff{}"})
    void whatIsNoHeaderIsRefused(String json) throws IOException {
        refused(file(json, 0), "lying.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void aHeaderInAnotherEncodingIsRefused(String charset) throws Exception {
        var json = "{}  ".getBytes(charset);
        refused(file(json.length, json, 0), "header");
    }

    @Test
    void aHeaderThatIsNotUtf8IsRefused() throws IOException {
        var json = "{\"__metadata__\":{\"a\":\"\u00ff\"}}".getBytes(StandardCharsets.ISO_8859_1);
        refused(file(json.length, json, 0), "not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 100, 100_000_001, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void aHeaderOfALyingLengthIsRefused(long length) throws IOException {
        refused(file(length, "{}".getBytes(StandardCharsets.UTF_8), 0), Long.toUnsignedString(length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void deepNestingIsRefused(String level) throws IOException {
        refused(file(level.repeat(200_000), 0), "nesting depth");
        refused(file("{\"__metadata__\":" + level.repeat(200_000), 0), "nesting depth");
    }

    @Test
    void longNumbersAndManyDimensionsAreRefused() throws IOException {
        refused(file("{" + tensor("a", "U8", "[" + "9".repeat(100_000) + "]", "[0,1]") + "}", 1),
                "Number value length");
        var ones = IntStream.range(0, 1000).mapToObj(_ -> "1").collect(Collectors.joining(",", "[", "]"));
        refused(file("{" + tensor("a", "U8", ones, "[0,1]") + "}", 1), "1000 of them");
    }

    @Test
    void aCutFileIsRefused() throws IOException {
        var whole = Files.readAllBytes(REFERENCE);
        for (int part = 0; part < 64; part++) {
            refused(Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, whole.length * part / 64)),
                    "cut.safetensors");
        }
        refused(Files.write(folder.resolve("long.safetensors"), Arrays.copyOf(whole, whole.length + 1)),
                "accounts for");
    }
}
