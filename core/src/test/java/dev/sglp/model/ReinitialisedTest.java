package dev.sglp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Oracle;
import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.FreshResNet;
import dev.sglp.family.ModelFile;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A network that is random everywhere.
final class ReinitialisedTest {
    /// It is the one that a family makes from nothing.
    @Test
    void aCifarResNetIsAFreshOneOfTheSameSeed() throws IOException {
        var size = new FreshResNet(List.of(2, 2, 2), List.of(4L, 8L, 16L));
        var ones = List.of(1.0, 1.0, 1.0);
        var input = new Architecture.Input.Image(3, 16, 16, ones, ones);
        try (var _ = Scope.open();
                var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"));
                var weights = file.forReading();
                var fresh = size.drawn(input, List.of("a", "b", "c", "d", "e"), Seed.of(3).draw(1))) {
            var drawn = file.architecture().build(weights).reinitialised(Seed.of(3).draw(1));
            assertThat(values(drawn.parameters())).isEqualTo(values(fresh.model().parameters()));
            assertThat(values(drawn.buffers())).isEqualTo(values(fresh.model().buffers()));
        }
    }

    private static Object values(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
                e -> Arrays.stream(Tensors.toDoubles(e.getValue())).boxed().toList()));
    }

    /// No tensor is the dense network's, and a head that is tied to the embedding is tied to the new one.
    @ParameterizedTest
    @CsvSource({"llama3, true", "llama2, false", "qwen2, true", "qwen3, false"})
    void nothingIsSharedWithTheDenseNetwork(String name, boolean tied) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading()) {
            var dense = file.architecture().build(weights);
            var drawn = dense.reinitialised(Seed.of(1));
            assertThat(drawn.parameters().keySet()).isEqualTo(dense.parameters().keySet());
            var own = new TreeSet<>(identities(drawn));
            own.retainAll(identities(dense));
            assertThat(own).isEmpty();
            var table = drawn.stem().parameters().firstEntry().getValue();
            assertThat(identities(drawn.head()).contains(Tensors.identity(table))).isEqualTo(tied);
            double std = Tensors.toDoubles(table.std())[0];
            assertThat(std).isBetween(0.018, 0.022); // initializer_range
        }
    }

    private static List<Long> identities(LayeredModel model) {
        return model.parts().stream().flatMap(part -> identities(part).stream()).toList();
    }

    private static List<Long> identities(Part part) {
        return part.parameters().values().stream().map(Tensors::identity).toList();
    }
}
