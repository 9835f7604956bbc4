package dev.sglp.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Small files that would unfold to large ones, or take time that grows with the square of their size.
@Timeout(60)
final class BombsTest {
    private static final String LEGACY = "\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\31.\u0080\2M\u00e9\3.\u0080\2}.";
    private static final String NO_STORAGES = ".\u0080\2].";
    private static final String KEYS = ".\u0080\2]X\1\0\0\0ka.\0\0\0\0\0\0\0\0";
    private static final String EMPTY_TENSOR = "ctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\0NtQK\0(K\0t(K\1ttR";

    @TempDir
    Path folder;

    @BeforeEach
    void loadClasses() throws IOException {
        assertThat(torch("}X\1\0\0\0w" + EMPTY_TENSOR + "s" + KEYS)).isEqualTo(Attempt.READ);
        assertThat(pickle("].")).isEqualTo(Attempt.READ);
        assertThat(safetensors("{}")).isEqualTo(Attempt.READ);
    }

    private String torch(String content) throws IOException {
        return attempt(Readers.TORCH_LEGACY, (LEGACY + content).getBytes(StandardCharsets.ISO_8859_1));
    }

    private String pickle(String content) throws IOException {
        return attempt(Readers.NUMPY_PICKLE, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String safetensors(String json) throws IOException {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return attempt(Readers.SAFETENSORS, ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length).put(bytes).array());
    }

    /// One value, an array of `count` elements that are written as `elements`.
    private String gguf(int type, int count, byte[] elements) throws IOException {
        return attempt(Readers.GGUF, ByteBuffer.allocate(24 + 8 + 1 + 4 + 12 + elements.length)
                .order(ByteOrder.LITTLE_ENDIAN).putInt(0x46554747).putInt(3).putLong(0).putLong(1).putLong(1)
                .put((byte) 'x').putInt(9).putInt(type).putLong(count).put(elements).array());
    }

    private String attempt(Readers reader, byte[] content) throws IOException {
        return Attempt.read(reader, Files.write(folder.resolve(reader.fileName), content), "bomb");
    }

    /// Seven dictionaries, each eight times in the next, one tensor at the bottom: two million names.
    @Test
    void namesOfSharedDictionariesDoNotMultiply() throws IOException {
        var bomb = new StringBuilder("}X\1\0\0\0w" + EMPTY_TENSOR + "sq\0000");
        for (int level = 1; level < 8; level++) {
            bomb.append("}q").append((char) level);
            for (char i = 0; i < 8; i++) {
                bomb.append("X\140\0\0\0").append("n".repeat(95)).append((char) ('a' + i)).append("h")
                        .append((char) (level - 1)).append("s");
            }
            bomb.append("0");
        }
        assertThat(torch(bomb + "}X\5\0\0\0modelh\7s" + KEYS)).contains("names of more than");
    }

    @Test
    void aLongNumberIsNotWrittenOutOverAndOver() throws IOException {
        var big = "\u008a\u00fe" + "\177".repeat(254) + "q\0";
        var entries = IntStream.range(0, 40_000).mapToObj(i -> "X\4\0\0\0%04xh\0s".formatted(i))
                .collect(Collectors.joining());
        assertThat(torch("}X\1\0\0\0w" + EMPTY_TENSOR + "sX\1\0\0\0n" + big + "s" + entries + KEYS))
                .isEqualTo(Attempt.READ);
    }

    @Test
    void aLongKeyIsNotCopiedOverAndOver() throws IOException {
        var key = "B\0\0\10\0" + "k".repeat(1 << 19) + "q\0";
        assertThat(pickle("}" + key + "Ns(" + "h\0N".repeat(100_000) + "u.")).contains("a key of 524288");
    }

    @Test
    void longKeysThatAreEqualAreNotComparedOverAndOver() throws IOException {
        var text = "X\0\0\10\0" + "k".repeat(1 << 19);
        assertThat(pickle("}" + text + "q\0Ns" + text + "q\1Ns(" + "h\0Nh\1N".repeat(100_000) + "u."))
                .contains("a key of 524288");
    }

    @Test
    void aListOfAHundredThousandListsInEachOtherIsRead() throws IOException {
        assertThat(pickle("]".repeat(100_000) + "a".repeat(99_999) + ".")).isEqualTo(Attempt.READ);
    }

    @Test
    void aListThatHoldsItselfIsRead() throws IOException {
        assertThat(pickle("]q\0(h\0h\0h\0e.")).isEqualTo(Attempt.READ);
        assertThat(pickle("]q\0" + "(h\0h\0e".repeat(10_000) + ".")).isEqualTo(Attempt.READ);
    }

    @Test
    void openMarksAndRememberedObjectsStaySmall() throws IOException {
        pickle("(".repeat(1 << 19));
        pickle("N" + "\u0094".repeat(1 << 19) + ".");
        pickle("]" + "}a".repeat(1 << 19) + ".");
        pickle("]" + "}NNsa".repeat(1 << 18) + ".");
        pickle("]" + "\u008fa".repeat(1 << 18) + ".");
    }

    @Test
    void anArrayMadeOverAndOverOfOneStringIsRefused() throws IOException {
        var text = "X\0\0\1\0" + "k".repeat(1 << 16) + "q\0";
        var type = "cnumpy\ndtype\nX\2\0\0\0u1K\0K\1\u0087R(K\3X\1\0\0\0|NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tbq\1";
        var array = "cnumpy.core.multiarray\n_reconstruct\nq\2";
        var state = "(K\1J\0\0\1\0\u0085h\1\u0089h\0tq\3";
        assertThat(pickle("]" + text + "0" + type + "0" + array + "0" + state + "0" + "h\2)Rh\3ba."))
                .isEqualTo(Attempt.READ);
        assertThat(
                pickle("]" + text + "0" + type + "0" + array + "0" + state + "0" + "h\2)Rh\3ba".repeat(20_000) + "."))
                .contains("strings of more than");
    }

    @Test
    void aDenseHeaderStaysInProportion() throws IOException {
        safetensors("{\"a\":[" + "{},".repeat(200_000) + "0]}");
        safetensors("{\"a\":[" + "[],".repeat(200_000) + "0]}");
        safetensors(IntStream.range(0, 50_000).mapToObj("\"%x\":1"::formatted)
                .collect(Collectors.joining(",", "{\"__metadata__\":{", "}}")));
        safetensors(IntStream.range(0, 20_000)
                .mapToObj("\"%x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"::formatted)
                .collect(Collectors.joining(",", "{", "}")));
    }

    @Test
    void denseArraysOfAGgufFileStayInProportion() throws IOException {
        int many = 200_000;
        for (int type = 0; type < 13; type++) {
            var elements = new byte[many * 12]; // numbers of up to 8 bytes, empty strings, empty arrays
            assertThat(gguf(type, many, elements)).contains("architecture 'null'");
        }
    }

    @Test
    void aListOfStoragesThatIsNoListIsRefused() throws IOException {
        assertThat(torch("}X\1\0\0\0w" + EMPTY_TENSOR + "s" + NO_STORAGES)).contains("lists 0 storages");
    }
}
