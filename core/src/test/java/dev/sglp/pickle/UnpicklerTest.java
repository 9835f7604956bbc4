package dev.sglp.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pickles and their values are made by `tools/make_checkpoint_fixtures.py` with Python's own pickler.
final class UnpicklerTest {
    private static final Path FIXTURES = Path.of("src/test/resources/checkpoint");
    private static final Path FILE = Path.of("in-memory.pkl");

    static Object read(String name) throws IOException {
        var bytes = MemorySegment.ofArray(Files.readAllBytes(FIXTURES.resolve(name)));
        var unpickler = new Unpickler(Path.of(name), bytes, PickleRules.of(NumpyGlobals.all(), ""));
        var value = unpickler.load();
        assertThat(unpickler.position()).isEqualTo(bytes.byteSize());
        return value;
    }

    private static Unpickler over(String latin1) {
        return new Unpickler(FILE, MemorySegment.ofArray(latin1.getBytes(StandardCharsets.ISO_8859_1)),
                PickleRules.of(PlainGlobals.all(), "Save it again."));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void everyProtocolGivesTheSamePlainValues(int protocol) throws IOException {
        var values = (List<?>) read("plain/plain%d.pkl".formatted(protocol));
        var tuples = List.of(List.of(), List.of(1L), List.of(1L, 2L), List.of(1L, 2L, 3L), List.of(1L, 2L, 3L, 4L));
        assertThat(values.subList(0, 2)).isEqualTo(List.of("", "é€😀\\ \n\t'\""));
        assertThat((byte[]) values.get(2)).containsExactly(0, 0xff);
        assertThat(values.subList(3, 12)).isEqualTo(List.of(0L, -1L, 255L, 65536L, -(1L << 31), 1L << 62,
                Long.MIN_VALUE, BigInteger.ONE.shiftLeft(63), BigInteger.ONE.shiftLeft(100).negate()));
        assertThat(values.subList(12, 18)).isEqualTo(
                List.of(0.0, -1.5e300, Double.POSITIVE_INFINITY, true, false, None.NONE));
        assertThat(values.subList(18, 23)).isEqualTo(tuples).allMatch(Tuple.class::isInstance);
        assertThat(values.subList(23, 26))
                .isEqualTo(List.of(List.of(), List.of(1L, List.of(2L, List.of(3L))), Map.of()));
        assertThat(values.get(26)).isEqualTo(
                Map.of("a", Map.of("b", 1L), 2L, "c", new Tuple(List.of(1L, "x")), None.NONE));
        assertThat(values.subList(27, 29)).isEqualTo(List.of(Set.of(1L, 2L), Set.of("a")));
        assertThat((byte[]) values.get(29)).containsExactly('a', 'b');
        assertThat(values.subList(30, 33)).isEqualTo(List.of(Map.of("k", 1L), "long ".repeat(100),
                LongStream.range(0, 1500).boxed().toList()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aCifarBatchIsRead(int protocol) throws IOException {
        var batch = (Map<?, ?>) read("numpy/batch%d.pkl".formatted(protocol));
        var data = (NumpyArray) batch.get("data");
        assertThat(data.dtype()).isEqualTo("|u1");
        assertThat(data.shape()).isEqualTo(List.of(3L, 4L));
        assertThat(data.fortranOrder()).isFalse();
        assertThat(data.bytes()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(batch.get("labels")).isEqualTo(List.of(3L, 1L, 2L));
        assertThat(batch.get("filenames")).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 5})
    void numpyArraysKeepTheirOrderAndType(int protocol) throws IOException {
        var values = (Map<?, ?>) read("numpy/rich%d.pkl".formatted(protocol));
        var fortran = (NumpyArray) values.get("fortran");
        assertThat(fortran.fortranOrder()).isTrue();
        assertThat(fortran.bytes()).containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
        var big = (NumpyArray) values.get("big");
        assertThat(big.dtype()).isEqualTo(">i4");
        assertThat(big.bytes()).containsExactly(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2);
        assertThat(((NumpyArray) values.get("half")).dtype()).isEqualTo("<f2");
        assertThat(((NumpyArray) values.get("flags")).bytes()).containsExactly(1, 0);
        assertThat(((NumpyArray) values.get("zero")).shape()).isEqualTo(List.of(0L, 2L));
        assertThat(values.get("scalars")).isEqualTo(List.of(0.5, -3L, 200L, true, 1.5));
        var shared = (List<?>) values.get("shared");
        assertThat(shared.get(0)).isInstanceOf(NumpyArray.class).isSameAs(shared.get(1));
    }

    @Test
    void aNumpyArrayOfObjectsIsRefused() {
        var pickle = "cnumpy\ndtype\n(S'O8'\ntR.";
        var unpickler = new Unpickler(FILE, MemorySegment.ofArray(pickle.getBytes(StandardCharsets.ISO_8859_1)),
                PickleRules.of(NumpyGlobals.all(), ""));
        assertThatThrownBy(unpickler::load).isInstanceOf(IOException.class).hasMessageContaining("numpy type");
    }

    @Test
    void severalPicklesFollowOneAnother() throws IOException {
        var unpickler = over("K\1.K\2.rest");
        assertThat(unpickler.load()).isEqualTo(1L);
        assertThat(unpickler.load()).isEqualTo(2L);
        assertThat(unpickler.position()).isEqualTo(6);
        assertThat(unpickler.seek(3).load()).isEqualTo(2L);
    }

    @Test
    void theMemoDoesNotReachTheNextPickle() throws IOException {
        var unpickler = over("K\1q\0.h\0.");
        unpickler.load();
        assertThatThrownBy(unpickler::load).isInstanceOf(IOException.class).hasMessageContaining("does not exist");
    }

    @Test
    void aRefusalNamesFileGlobalReasonAndAdvice() {
        assertThatThrownBy(over("cos\nsystem\n.")::load).isInstanceOf(UnsafePickleException.class)
                .hasMessageContainingAll("[in-memory.pkl]", "'os.system'", "byte 11", "not in the list",
                        "Save it again.")
                .extracting(e -> ((UnsafePickleException) e).found()).isEqualTo("os.system");
    }

    @Test
    void aHostileNameIsShownWithoutControlCharacters() {
        assertThatThrownBy(over("c\33[2Jos\nsystem" + "x".repeat(1000) + "\n.")::load)
                .isInstanceOf(UnsafePickleException.class).hasMessageContaining("?[2Jos")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500).doesNotContain("\33"));
    }

    @Test
    void aPersistentIdIsRefusedWhereNoneIsExpected() {
        assertThatThrownBy(over("K\1Q.")::load).isInstanceOf(IOException.class)
                .hasMessageContaining("outside the pickle");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "0.", "K\1K\2.", "a.", "]a.", "K\1]a", "(.", "t.", "K\1e.", "\u0085.", "Nb.", "K\1R.",
            "s.", "NNs.",
            "}NNNe.", "}(Nu.", "h\0.", "g1\n.", "gx\n.", "q\0.", "Ix\n.", "Fx\n.", "V\\ud\n.", "V\\uzzzz\n.",
            "X\2\0\0\0\u00ff\u00ff.",
            "Sx\n.", "S'\n.", "\u0080\6.", "\u0095\1\0\0\0\0\0\0\0", "K\1K\2\u0093.", "c_codecs\nencode\n)R.",
            "c_codecs\nencode\n(Nt R.", "ccollections\nOrderedDict\n(K\1tR.", "\u008a\5ab", "L\n.", "\u008f(]\u0090."})
    void aMalformedPickleIsAnIOException(String pickle) {
        assertThatThrownBy(over(pickle)::load).isInstanceOf(IOException.class).hasMessageContaining("in-memory.pkl");
    }

    @Test
    void anyTwoOpcodesEndInAValueOrAnIOException() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                for (var around : List.of("%s%s.", "(}K\1%s%s.", "]q\0(K\1%s\0\0\0\0%s\0\0\0\0\0\0\0\0.")) {
                    tried(around.formatted((char) first, (char) second));
                }
            }
        }
    }

    private static void tried(String pickle) {
        try {
            assertThat(over(pickle).load()).isNotNull();
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("[in-memory.pkl]");
        }
    }

    @Test
    void bytesAsKeysAreStrings() throws IOException {
        assertThat(((Map<?, ?>) over("}C\4dataK\1s.").load()).get("data")).isEqualTo(1L);
        assertThat(Arrays.asList(1L)).isEqualTo(over("]K\1a.").load());
    }
}
