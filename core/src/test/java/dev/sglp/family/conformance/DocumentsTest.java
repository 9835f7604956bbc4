package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.Tape;
import dev.sglp.model.past.Documents;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A document in a row of several is what it is alone: in every family, forwards and backwards.
final class DocumentsTest {
    private static final Path FAMILIES = Path.of("src/test/resources/family");
    private static final List<List<Integer>> STARTS = List.of(List.of(0, 5, 8), List.of(0, 9));
    private static final int WIDTH = 14;

    /// One of each family, and those whose angles, masks or biases are unlike others'.
    static Stream<Path> networks() throws IOException {
        try (var all = Files.walk(FAMILIES)) {
            var seen = new HashSet<Path>();
            return all.filter(p -> p.endsWith("removal.json")).map(p -> FAMILIES.relativize(p.getParent())).sorted()
                    .filter(p -> seen.add(p.getParent())
                            || p.toString().matches(".*(dynamic|longrope|long|yarn|window|alibi|rw|2b).*"))
                    .toList().stream();
        }
    }

    private static Tensor ids(int row) {
        return Tensors.longs(LongStream.range(0, WIDTH).map(i -> (i * 7 + row * 5 + i * i) % 29).toArray())
                .unsqueeze(0);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aDocumentIsReadAsIfItWereAlone(Path network) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(FAMILIES.resolve(network));
                var weights = file.forTraining();
                var documents = new Documents(WIDTH, STARTS)) {
            var model = file.architecture().build(weights);
            var both = torch.cat(new TensorVector(ids(0), ids(1)), 0);
            var together = Autograd.off(() -> model.body(both, Pass.evaluation().over(documents), Tap.NONE));
            var summed = new LinkedHashMap<String, Tensor>();
            for (int row = 0; row < 2; row++) {
                var starts = STARTS.get(row);
                for (int d = 0; d < starts.size(); d++) {
                    int from = starts.get(d);
                    int length = (d + 1 < starts.size() ? starts.get(d + 1) : WIDTH) - from;
                    var alone = ids(row).narrow(1, from, length);
                    var expected = Autograd.off(() -> model.body(alone, Pass.evaluation(), Tap.NONE));
                    close(together.narrow(0, row, 1).narrow(1, from, length), expected, 1e-6, network + " forwards");
                    gradients(model, alone, Pass.evaluation()).forEach((name, g) -> summed.merge(name, g, Tensor::add));
                }
            }
            double largest = summed.values().stream().mapToDouble(DocumentsTest::largest).max().orElseThrow();
            gradients(model, both, Pass.evaluation().over(documents))
                    .forEach((name, g) -> close(g, summed.get(name), 1e-5 * largest, network + " " + name));
        }
    }

    private static SequencedMap<String, Tensor> gradients(LayeredModel model, Tensor ids, Pass pass) {
        var parts = model.parts().subList(0, model.parts().size() - 1);
        var all = new LinkedHashMap<String, Tensor>();
        try (var tape = new Tape(ids, pass, new Meter(model, Math.toIntExact(ids.size(0))))) {
            var h = tape.follow(parts.stream().map(part -> new Tape.Node(part, true)).toList());
            var vector = Autograd.recording(false, () -> h.mul(h)); // of Σ h³ / 3
            tape.backward(vector, 0, (_, named, found) -> {
                int i = 0;
                for (Map.Entry<String, Tensor> entry : named.entrySet()) {
                    var whole = found.get(i++).whole();
                    all.put(entry.getKey(), Scope.own((whole.is_sparse() ? whole.to_dense() : whole).clone()));
                }
            });
        }
        return all;
    }

    private static double largest(Tensor of) {
        return Tensors.toDoubles(of.abs().max())[0];
    }

    /// @param noise what is left of sums that are 0, as a key's bias has where nothing is turned
    private static void close(Tensor found, Tensor expected, double noise, String what) {
        assertThat(largest(found.sub(expected))).as(what).isLessThanOrEqualTo(2e-4 * largest(expected) + noise);
    }
}
