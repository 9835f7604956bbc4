package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.family.decoder.Pico;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LinearHead;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One layer at a time computes what all of them in memory do.
final class StreamedNetworkTest {
    static final List<String> NAMES = Pico.NAMES;

    @TempDir
    Path folder;

    @ParameterizedTest
    @FieldSource("NAMES")
    void itsLogitsAreThoseOfTheNetworkInMemory(String name) throws IOException {
        for (var removed : List.of(LayerSet.EMPTY, LayerSet.of(0), LayerSet.of(1, 2))) {
            try (var _ = Scope.open(); var pico = Pico.open(name)) {
                var streamed = new StreamedNetwork(pico.file(), removed).logits(pico.tokens());
                assertThat(Tensors.toDoubles(streamed))
                        .containsExactly(Tensors.toDoubles(pico.logits(pico.model().without(removed))));
            }
        }
    }

    /// A third of the vocabulary at a time, and the rest.
    @ParameterizedTest
    @FieldSource("NAMES")
    void partsOfTheVocabularyGiveTheLogitsOfAll(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            var model = pico.model();
            long most = ((LinearHead) model.head()).matrix().numel() / 3;
            var parts = new AtomicInteger();
            var found = Autograd
                    .off(() -> Proof.Network.logits(model, pico.tokens(), most, parts::incrementAndGet));
            assertThat(parts.get()).isGreaterThan(2);
            assertThat(Pico.apart(found, pico.logits(model))).isLessThan(1e-5);
        }
    }

    /// The network that is compared with has a head of its own in memory. Gemma's rows are multiplied, in float32.
    @ParameterizedTest
    @ValueSource(strings = {"text/gsm8k/network", "family/gemma/bfloat16"})
    void tablesAndTheHeadsMatrixStayAsTheFileHasThem(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources", name));
                var whole = file.forReading();
                var weights = Streaming.layerByLayer(file, false);
                var _ = Scope.open()) {
            var matrix = ((LinearHead) file.architecture().build(weights).head()).matrix();
            assertThat(Tensors.dtype(matrix)).contains(DType.BF16);
            var inputs = Tensors.longs(new long[]{1, 5, 2, 7}).view(1, 4);
            assertThat(Tensors.toDoubles(new StreamedNetwork(file, LayerSet.EMPTY).logits(inputs)))
                    .containsExactly(Tensors.toDoubles(
                            Proof.Network.of(file.architecture().build(whole)).logits(inputs)));
        }
    }

    @Test
    void quantisedWeightsToo() throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/gguf/pico-llama.gguf"));
                var weights = file.forReading()) {
            var inputs = Tensors.longs(new long[]{1, 5, 2, 7}).view(1, 4);
            var whole = Proof.Network.of(file.architecture().build(weights)).logits(inputs);
            assertThat(Tensors.toDoubles(new StreamedNetwork(file, LayerSet.EMPTY).logits(inputs)))
                    .containsExactly(Tensors.toDoubles(whole));
        }
    }

    /// The bytes of one weight of layer 1 become NaN.
    private Path broken() throws IOException {
        var made = Files.createDirectory(folder.resolve("broken"));
        Files.copy(Pico.folder("llama3").resolve("config.json"), made.resolve("config.json"));
        var file = Files.copy(Pico.folder("llama3").resolve("model.safetensors"), made.resolve("model.safetensors"));
        var bytes = Files.readAllBytes(file);
        try (var model = Checkpoints.open(file)) {
            var wanted = model.read("model.layers.1.mlp.up_proj.weight")
                    .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            int at = place(bytes, wanted);
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, Float.NaN);
        }
        Files.write(file, bytes);
        return made;
    }

    private static int place(byte[] all, byte... part) {
        for (int at = 0;; at++) {
            if (java.util.Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
    }

    @Test
    void aWeightThatIsNoNumberIsRefusedUnlessItsLayerGoes() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("llama3"); var file = ModelFile.open(broken())) {
            assertThatThrownBy(() -> new StreamedNetwork(file, LayerSet.EMPTY).logits(pico.tokens()))
                    .isInstanceOf(IOException.class).hasMessageContaining("model.layers.1.mlp.up_proj.weight");
            var without = new StreamedNetwork(file, LayerSet.of(1)).logits(pico.tokens());
            assertThat(Tensors.toDoubles(without))
                    .containsExactly(Tensors.toDoubles(pico.logits(pico.model().without(LayerSet.of(1)))));
        }
    }

    @Test
    void placeholdersHaveTheShapeAndTheMemoryOfOneNumber() throws IOException {
        var name = "model.layers.1.mlp.up_proj.weight";
        try (var file = ModelFile.open(Pico.folder("llama3"));
                var outline = Weights.streamed(new Weights.Stream(file.checkpoint(), DType.F32, 1, 0, 0),
                        file.checkpoint().tensors().keySet(), Set.of(name), Set.of())) {
            var info = file.checkpoint().tensors().get(name);
            assertThat(Tensors.shape(outline.get(name))).isEqualTo(info.shape());
            assertThat(outline.get(name).storage().nbytes()).isEqualTo(Float.BYTES);
            assertThat(outline.all().keySet()).isEqualTo(file.checkpoint().tensors().keySet());
        }
    }
}
