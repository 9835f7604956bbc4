package dev.sglp.checkpoint;

import static dev.sglp.checkpoint.TorchFixtures.latin1;
import static dev.sglp.checkpoint.TorchFixtures.legacy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.pickle.UnsafePickleException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Files that were made to harm: to run code, to fill the heap, to overflow the stack, to take for ever.
@Timeout(value = 10, unit = TimeUnit.SECONDS)
final class HostileTorchFilesTest {
    @TempDir
    Path folder;

    private static byte[] times(int count, String part) {
        return latin1(part.repeat(count));
    }

    private void refused(String why, byte[]... object) throws IOException {
        var path = legacy(folder.resolve("hostile.pt"), object);
        assertThatThrownBy(() -> TorchPickle.open(path).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("hostile.pt")
                .hasMessageContaining(why);
    }

    /// A tensor of 32-bit numbers with these sizes, as the value of `w`.
    private static byte[] tensor(String offset, String sizes, String strides) {
        return latin1(
                "}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\4NtQ"
                        + offset + sizes + strides + "tRs");
    }

    /// The files below are wrong in one thing only: without it they are read.
    @Test
    void theSameFileWithoutHarmIsRead() throws IOException {
        var path = legacy(folder.resolve("sound.pt"), tensor("K\0", "(K\2K\2t", "(K\2K\1t"),
                latin1(".\u0080\2]X\1\0\0\0ka.\4\0\0\0\0\0\0\0" + "\0".repeat(16)));
        try (var file = TorchPickle.open(path)) {
            assertThat(file.tensors().get("w").shape()).isEqualTo(List.of(2L, 2L));
            assertThat(file.read("w").byteSize()).isEqualTo(16);
        }
    }

    @ParameterizedTest
    @CsvSource({"os, system", "posix, system", "builtins, eval", "__builtin__, eval", "builtins, getattr",
            "subprocess, Popen", "torch, load", "numpy, load", "__main__, ResNet", "torch._utils, __import__"})
    void codeIsNamedAndNotRun(String module, String name) throws IOException {
        var path = legacy(folder.resolve("hostile.pt"),
                latin1("c" + module + "\n" + name + "\n(X\4\0\0\0exittR"));
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(UnsafePickleException.class)
                .hasMessageContaining("hostile.pt").hasMessageContaining(module + "." + name);
    }

    @Test
    void aNameThatOnlyLooksAllowedIsRefused() throws IOException {
        refused("collections.OrderedDict.__init__", latin1("ccollections.OrderedDict\n__init__\n(tR"));
        refused("os.system", latin1("(X\2\0\0\0osX\6\0\0\0system\u0093)R"));
        refused("0x69", latin1("ios\nsystem\n"));
        refused("os.system", latin1("(cos\nsystem\no"));
        refused("0x82", latin1("\u0082\1"));
    }

    @Test
    void aCallOfAnythingButAConstructorIsRefused() throws IOException {
        refused("no constructor", latin1("K\1(tR"));
        refused("no constructor", latin1("ctorch\nfloat32\n(tR"));
        refused("state for a LinkedHashMap", latin1("ccollections\nOrderedDict\n(tRX\1\0\0\0xb"));
        refused("expected a tuple", latin1("ccollections\nOrderedDict\n]R"));
    }

    @Test
    void deepNestingDoesNotOverflowTheStack() throws IOException {
        refused("holds a ArrayList", times(100_000, "]"), times(99_999, "a"));
        refused("holds a ArrayList", times(100_000, "("), times(100_000, "l"));
        refused("holds a Tuple", times(100_000, "("), times(100_000, "t"));
        refused("no state dict", times(100_000, "}X\1\0\0\0m"), latin1("N"), times(100_000, "s"));
        refused("a key of type Tuple", latin1("}"), times(100_000, "("), times(100_000, "t"), latin1("Ns"));
    }

    @Test
    void aContainerThatHoldsItselfIsRefused() throws IOException {
        refused("holds a ArrayList", latin1("]q\0h\0a"));
        refused("no state dict", latin1("}q\0X\5\0\0\0modelh\0s"));
        refused("names of more than", latin1("}q\0X\5\0\0\0modelh\0sX\1\0\0\0xh\0sX\1\0\0\0yh\0s"));
        refused("a key of type ArrayList", latin1("}]q\0h\0ah\0s"));
        refused("not a storage", latin1("(]q\0h\0ah\0tQ"));
    }

    @Test
    void aListOfStoragesThatHoldsItselfIsRefused() throws IOException {
        refused("no tensor names", tensor("K\0", "(K\1t", "(K\1t"), latin1(".\u0080\2]q\0h\0a"));
    }

    @Test
    void aBombOfSharedDictionariesEndsSoon() throws IOException {
        var bomb = new StringBuilder("}q\0NNs0");
        for (int level = 1; level < 8; level++) {
            bomb.append("}q").append((char) level);
            for (char i = 0; i < 40; i++) {
                bomb.append("K").append(i).append("h").append((char) (level - 1)).append("s");
            }
            bomb.append("0");
        }
        bomb.append("}X\5\0\0\0modelh\7s");
        refused("names of more than", latin1(bomb.toString()));
    }

    @Test
    void textThatIsCopiedOverAndOverIsRefused() throws IOException {
        var big = "x".repeat(1 << 16);
        refused("times the file", latin1("X\0\0\1\0" + big + "q\0X\6\0\0\0latin1q\1c_codecs\nencode\nq\2]"),
                times(100_000, "h\2h\0h\1\u0086Ra"));
    }

    @Test
    void containersThatAreCopiedOverAndOverAreRefused() throws IOException {
        refused("objects", latin1("]q\0("), times(20_000, "K\1K\2\u0086"), latin1("eccollections\nOrderedDict\nq\1]"),
                times(100_000, "h\1h\0\u0085Ra"));
    }

    @Test
    void aStackOfMillionsIsRefused() throws IOException {
        refused("objects", times(5_000_000, "N"));
        refused("marks", times(5_000_000, "("));
        refused("remembered", times(3_000_000, "N\u00940"));
    }

    @Test
    void collidingKeysDoNotTakeForEver() throws IOException {
        var keys = new StringBuilder("}(");
        for (int i = 0; i < 1 << 15; i++) {
            keys.append("(");
            for (int bit = 0; bit < 8; bit++) {
                keys.append("X\2\0\0\0").append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            keys.append("K\1tN");
        }
        refused("tuples", latin1(keys.append("u").toString()));
    }

    @Test
    void lyingLengthsAreRefused() throws IOException {
        for (var opcode : new String[]{"X\u00ff\u00ff\u00ff\u007f", "X\u00ff\u00ff\u00ff\u00ff",
                "T\u00ff\u00ff\u00ff\u00ff", "B\u00ff\u00ff\u00ff\u00ff",
                "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f",
                "\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
                "\u0096\0\0\0\u0080\0\0\0\0", "\u008b\u00ff\u00ff\u00ff\u007f", "\u008b\u00ff\u00ff\u00ff\u00ff",
                "\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "I1", "S'abc\n", "F1e\n",
                "L" + "9".repeat(5000) + "L\n"}) {
            refused("damaged pickle", latin1(opcode));
        }
    }

    @ParameterizedTest
    @CsvSource({"K\5,(K\1t,(K\1t", "K\0,(K\5t,(K\1t", "K\0,(K\2K\2t,(K\3K\2t",
            "'J\u00ff\u00ff\u00ff\u00ff',(K\1t,(K\1t",
            "K\0,'(J\u00ff\u00ff\u00ff\u00fft',(K\1t", "K\0,(K\1t,'(J\u00ff\u00ff\u00ff\u00fft'", "K\0,(K\1K\1t,(K\1t",
            "K\0,'(I4611686018427387904\nI4611686018427387904\nt',(K\0K\0t", "K\0,(K\2t,'(I9223372036854775807\nt'",
            "K\0,'(I1000000000\nt',(K\0t", "'I9223372036854775807\n',(K\1t,(K\1t", "K\0,(Nt,(K\1t", "K\0,N,N",
            "G\0\0\0\0\0\0\0\0,(K\1t,(K\1t"})
    void aTensorThatLeavesItsStorageIsRefused(String offset, String sizes, String strides) throws IOException {
        refused("damaged pickle", tensor(offset, sizes, strides),
                latin1(".\u0080\2]X\1\0\0\0ka.\4\0\0\0\0\0\0\0" + "\0".repeat(16)));
    }
}
