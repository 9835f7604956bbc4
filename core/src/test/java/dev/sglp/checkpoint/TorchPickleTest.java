package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Files and expected values are made by `tools/make_checkpoint_fixtures.py` with PyTorch.
final class TorchPickleTest {
    static List<Path> files() throws IOException {
        try (var files = Files.list(TorchFixtures.HERE)) {
            return files.filter(f -> f.toString().endsWith(".pt")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyTensorIsWhatPyTorchSays(Path path) throws IOException {
        var expected = new ObjectMapper()
                .readTree(path.resolveSibling(path.getFileName().toString().replace(".pt", ".json")).toFile());
        try (var file = TorchPickle.open(path)) {
            assertThat(file.format()).isEqualTo(expected.get("format").asText());
            assertThat(file.tensors().keySet()).containsExactlyElementsOf(names(expected.get("tensors")));
            var metadata = new LinkedHashMap<String, String>();
            expected.get("metadata").properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            assertThat(file.metadata()).isEqualTo(metadata);
            for (var entry : expected.get("tensors").properties()) {
                assertThat(described(file, entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
            }
        }
    }

    private static List<String> names(JsonNode node) {
        var names = new ArrayList<String>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonNode described(Checkpoint file, String name) throws IOException {
        var info = file.tensors().get(name);
        var bytes = file.read(name);
        assertThat(bytes.address() % info.dtype().bytes()).as("alignment").isZero();
        var node = new ObjectMapper().createObjectNode().put("dtype", info.dtype().code());
        info.shape().forEach(node.putArray("shape")::add);
        node.put("bytes", HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE)));
        return new ObjectMapper().readTree(node.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"module-zip.pt | Net | model.state_dict()",
            "module-legacy.pt | Net | model.state_dict()", "script.pt | TorchScript | model.state_dict()",
            "system-zip.pt | posix.system | run", "system-legacy.pt | posix.system | run",
            "eval.pt | __builtin__.eval | run",
            "list.pt | list | state_dict", "tensor.pt | TorchTensor | state_dict",
            "tensorless.pt | epoch, history | state_dict", "negated.pt | negated | resolve_neg",
            "expanded.pt | expanded | contiguous",
            "complex.pt | ComplexFloatStorage | run", "deflated.pt | compressed | zip -0",
            "arrays.npz | zip file | checkpoint"})
    void whatIsNoStateDictIsRefusedByName(String name, String found, String advice) {
        var path = TorchFixtures.HERE.resolve("refused", name);
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(IOException.class)
                .hasMessageContaining(name).hasMessageContaining(found).hasMessageContaining(advice);
    }

    /// Some Windows programs write `\` between folders.
    @Test
    void aFileZippedAgainWithBackslashesHoldsTheSame(@TempDir Path folder) throws IOException {
        var good = TorchFixtures.HERE.resolve("trained-zip.pt");
        var turned = TorchFixtures.replaced(Files.readAllBytes(good), "trained-zip/", "trained-zip\\");
        try (var file = TorchPickle.open(Files.write(folder.resolve("turned.pt"), turned));
                var expected = TorchPickle.open(good)) {
            assertThat(file.tensors()).isNotEmpty().isEqualTo(expected.tensors());
        }
    }

    @Test
    void aCopyIsMadeOnce() throws IOException {
        try (var file = TorchPickle.open(TorchFixtures.HERE.resolve("strides-zip.pt"))) {
            assertThat(file.read("transposed").address()).isEqualTo(file.read("transposed").address());
        }
    }

    @Test
    void aBigEndianFileIsRefused(@TempDir Path folder) throws IOException {
        var bytes = Files.readAllBytes(TorchFixtures.HERE.resolve("dtypes-zip.pt"));
        var path = Files.write(folder.resolve("big.pt"), TorchFixtures.replaced(bytes, "little", "big   "));
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(IOException.class).hasMessageContaining("'big'");
    }

    /// Before PyTorch 0.4 a persistent id could name a part of a storage: `(key, first element, elements)`.
    @Test
    void aViewOnAStorageInAnOldFileIsRead(@TempDir Path folder) throws IOException {
        var tensor = "}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nByteStorage\nX\1\0\0\0kX\3\0\0\0cpuK\6(X\1\0\0\0vK\2K\3ttQK\1K\2\u0085K\1\u0085tRs";
        var storage = ".\u0080\2]X\1\0\0\0ka.\6\0\0\0\0\0\0\0abcdef";
        var path = TorchFixtures.legacy(folder.resolve("old.pt"), TorchFixtures.latin1(tensor + storage));
        try (var file = TorchPickle.open(path)) {
            assertThat(file.read("w").toArray(ValueLayout.JAVA_BYTE)).containsExactly('d', 'e');
        }
    }

    @Test
    void anUnknownNameIsAWrongCall() throws IOException {
        try (var file = TorchPickle.open(TorchFixtures.HERE.resolve("dtypes-zip.pt"))) {
            assertThatThrownBy(() -> file.read("nope")).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nope");
        }
    }

    @Test
    void readingAfterCloseIsAWrongState() throws IOException {
        var file = TorchPickle.open(TorchFixtures.HERE.resolve("dtypes-zip.pt"));
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read("as.F32")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEmptyFileIsRefused(@TempDir Path folder) throws IOException {
        var path = Files.createFile(folder.resolve("empty.pt"));
        assertThatThrownBy(() -> TorchPickle.open(path)).isInstanceOf(IOException.class).hasMessageContaining("empty");
    }
}
