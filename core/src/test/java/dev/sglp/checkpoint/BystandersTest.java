package dev.sglp.checkpoint;

import static dev.sglp.checkpoint.TorchFixtures.latin1;
import static dev.sglp.checkpoint.TorchFixtures.legacy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.pickle.UnsafePickleException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What stands beside the weights of a training is passed over; nothing of it is run, and nothing of it grows.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class BystandersTest {
    private static final String TENSOR = "X\1\0\0\0wctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\1NtQK\0(K\1t(K\1ttRs";
    private static final String STORAGE = ".\u0080\2]X\1\0\0\0ka.\1\0\0\0\0\0\0\0\0\0\0\0";

    @TempDir
    Path folder;

    /// A dictionary with a tensor, and `x` made so.
    private Path beside(String value) throws IOException {
        return legacy(folder.resolve("x.pt"), latin1("}" + TENSOR + "X\1\0\0\0x" + value + "s" + STORAGE));
    }

    /// What trainings save beside the weights is in `training/beside.pt`.
    @ParameterizedTest
    @ValueSource(strings = {"beside.pt", "beside-legacy.pt"})
    void argumentsPathsTimesAndOptimizersBesideTheWeightsArePassedOver(String name) throws IOException {
        try (var file = TorchPickle.open(Path.of("src/test/resources/training", name))) {
            assertThat(file.tensors()).containsKey("conv1.weight");
            assertThat(file.metadata()).containsEntry("epoch", "9").containsEntry("best_acc", "91.25")
                    .containsKey("version").doesNotContainKey("path");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cargparse\nNamespace\n)\u0081}X\1\0\0\0aK\1sb", "cpathlib\nPosixPath\n(X\1\0\0\0atR",
            "ccollections\ndefaultdict\n(c__builtin__\nlist\ntRX\1\0\0\0aK\1s", "ccollections\ndeque\n()K\3tRK\1a",
            "cdatetime\ndatetime\n(X\1\0\0\0atR", "}c__builtin__\nfloat\nK\1s"})
    void eachAloneIsPassedOver(String value) throws IOException {
        try (var file = TorchPickle.open(beside(value))) {
            assertThat(file.tensors().keySet()).containsExactly("w");
        }
    }

    @ParameterizedTest
    @CsvSource({"__main__, Config", "my.package, Settings", "functools, partial", "builtins, type", "builtins, map",
            "argparse, ArgumentParser", "pathlib, Path.unlink", "operator, attrgetter",
            "torch.storage, _load_from_bytes",
            "types, FunctionType", "types, CodeType", "collections, namedtuple", "pickle, loads", "numpy, fromfile",
            "omegaconf.dictconfig, eval"})
    void whatIsNotKnownToBeHarmlessIsRefusedByNameWithWhatToSave(String module, String name) throws IOException {
        var path = beside("c%s\n%s\n)R".formatted(module, name));
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(UnsafePickleException.class)
                .hasMessageContaining("x.pt").hasMessageContaining("'%s.%s'".formatted(module, name))
                .hasMessageContaining("Nothing of it was run")
                .hasMessageContaining("save checkpoint['state_dict'] alone");
    }

    /// A placeholder is no function, has no parts, and is filled with nothing.
    @Test
    void aPlaceholderCannotBeUsed() throws IOException {
        var namespace = "cargparse\nNamespace\n)R";
        refused("no constructor", namespace + ")R");
        refused("items for a dictionary", namespace + "X\1\0\0\0aK\1s");
        refused("items for a list", namespace + "K\1a");
        refused("no constructor", "c__builtin__\nEllipsis\n)R");
        refused("a key of type Inert", "}" + namespace + "K\1s");
    }

    private void refused(String why, String value) throws IOException {
        var path = beside(value);
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void placeholdersAreNoBombs() throws IOException {
        var big = "(" + "K\1".repeat(20_000) + "t";
        refused("objects", big + "q\0cargparse\nNamespace\nq\1]" + "h\1h\0\u0085Ra".repeat(100_000));
        refused("objects", "cpathlib\nPosixPath\nq\1]" + "h\1)Ra".repeat(2_000_000));
        refused("objects", "ccollections\ndefaultdict\nq\1]" + "h\1)Ra".repeat(2_000_000));
        refused("names of more than", nested("ccollections\ndefaultdict\n)R"));
    }

    /// Dictionaries, each forty times in the next.
    private static String nested(String empty) {
        var bomb = new StringBuilder(empty + "q\0NNs0");
        for (int level = 1; level < 8; level++) {
            bomb.append(empty).append("q").append((char) level);
            for (char i = 0; i < 40; i++) {
                bomb.append("K").append(i).append("h").append((char) (level - 1)).append("s");
            }
            bomb.append("0");
        }
        return bomb.append("h\7").toString();
    }
}
