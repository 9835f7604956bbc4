package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Opened weights are the file where they can be, and the same numbers where they cannot.
final class WeightsTest {
    @TempDir
    Path folder;

    private Path written(SequencedMap<String, float[]> values, DType dtype) throws IOException {
        var file = folder.resolve("w.safetensors");
        try (var arena = Arena.ofShared(); var _ = Scope.open()) {
            var infos = values.entrySet().stream()
                    .map(e -> new TensorInfo(e.getKey(), dtype, List.of((long) e.getValue().length))).toList();
            SafeTensorsWriter.write(file, infos, Map.of(),
                    name -> Tensors.bytes(Tensors.floats(values.get(name), values.get(name).length), dtype, arena));
        }
        return file;
    }

    private static long address(Weights weights, String name) {
        return weights.get(name).data_ptr().address();
    }

    @Test
    void aTensorOfTheComputeTypeIsAViewOfTheFile() throws IOException {
        var file = written(new TreeMap<>(Map.of("a", new float[]{1, 2, 3})), DType.BF16);
        try (var checkpoint = Checkpoints.open(file);
                var opened = Weights.forReading(checkpoint, DType.BF16);
                var loaded = Weights.forTraining(checkpoint)) {
            assertThat(address(opened, "a")).isEqualTo(checkpoint.read("a").address());
            assertThat(Tensors.dtype(opened.get("a"))).contains(DType.BF16);
            assertThat(Tensors.toDoubles(opened.get("a"))).containsExactly(1, 2, 3);
            assertThat(Tensors.dtype(loaded.get("a"))).contains(DType.F32);
            assertThat(address(loaded, "a")).isNotEqualTo(checkpoint.read("a").address());
        }
    }

    @Test
    void otherTypesAreConverted() throws IOException {
        var values = new float[]{1.00390625f, -2, 0.1f};
        for (var stored : List.of(DType.F32, DType.F16, DType.F64)) {
            var file = written(new TreeMap<>(Map.of("a", values)), stored);
            try (var checkpoint = Checkpoints.open(file); var opened = Weights.forReading(checkpoint, DType.BF16)) {
                assertThat(Tensors.dtype(opened.get("a"))).contains(DType.BF16);
                assertThat(Tensors.toDoubles(opened.get("a"))).containsExactly(1, -2, 0.10009765625);
            }
        }
    }

    @Test
    void whatIsNoFloatingPointNumberStaysAsItIs() throws IOException {
        var reference = Path.of("src/test/resources/safetensors/reference.safetensors");
        var file = folder.resolve("whole.safetensors");
        try (var checkpoint = Checkpoints.open(reference)) {
            var infos = checkpoint.tensors().values().stream().filter(i -> !i.name().equals("not finite")).toList();
            SafeTensorsWriter.write(file, infos, Map.of(), name -> read(checkpoint, name));
        }
        try (var checkpoint = Checkpoints.open(file); var opened = Weights.forReading(checkpoint, DType.F32)) {
            assertThat(Tensors.dtype(opened.get("as.I64"))).contains(DType.I64);
            assertThat(Tensors.toDoubles(opened.get("as.F16"))).startsWith(-7, -6, -5);
            assertThat(opened.get("empty").numel()).isZero();
            assertThat(Tensors.shape(opened.get("scalar"))).isEmpty();
        }
    }

    private static MemorySegment read(Checkpoint checkpoint, String name) {
        try {
            return checkpoint.read(name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void quantisedWeightsLiveAsLongAsTheyAreOpen() throws IOException {
        try (var checkpoint = Checkpoints.open(Path.of("src/test/resources/gguf/pico-llama.gguf"));
                var opened = Weights.forReading(checkpoint, DType.F32);
                var loaded = Weights.forTraining(checkpoint)) {
            var name = "model.layers.1.self_attn.q_proj.weight";
            var expected = checkpoint.read(name).toArray(ValueLayout.JAVA_FLOAT);
            assertThat(Tensors.toDoubles(opened.get(name))).containsExactly(Tensors.toDoubles(loaded.get(name)));
            assertThat(Tensors.toDoubles(opened.get(name))[77]).isEqualTo(expected[77]);
            assertThat(Tensors.shape(opened.get(name))).containsExactly(32L, 32L);
        }
    }

    @Test
    void aNumberThatIsNotFiniteIsFoundAnywhere() throws IOException {
        for (int size : new int[]{1, 1000, 1 << 18, (1 << 18) + 1, 600_000}) {
            for (float wrong : new float[]{Float.NaN, Float.NEGATIVE_INFINITY}) {
                var values = new float[size];
                values[size - 1] = wrong;
                var file = written(new TreeMap<>(Map.of("a", new float[1], "b", values)), DType.F32);
                try (var checkpoint = Checkpoints.open(file)) {
                    assertThatThrownBy(() -> Weights.forReading(checkpoint, DType.F32)).isInstanceOf(IOException.class)
                            .hasMessageContaining("'b'").hasMessageContaining(file.toString());
                    assertThatThrownBy(() -> Weights.forTraining(checkpoint)).hasMessageContaining("'b'");
                }
            }
        }
    }

    @Test
    void aNumberTooLargeForTheComputeTypeIsRefused() throws IOException {
        var file = written(new TreeMap<>(Map.of("a", new float[]{1e20f})), DType.F32);
        try (var checkpoint = Checkpoints.open(file)) {
            assertThatThrownBy(() -> Weights.forReading(checkpoint, DType.F16)).isInstanceOf(IOException.class)
                    .hasMessageContaining("'a'");
            assertThatThrownBy(() -> Weights.forReading(checkpoint, DType.I32))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
