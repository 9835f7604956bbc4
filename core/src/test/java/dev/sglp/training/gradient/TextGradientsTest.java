package dev.sglp.training.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Ending;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Gradients layer by layer against transformers' and autograd's over the whole network.
final class TextGradientsTest {
    static final Path HERE = Path.of("src/test/resources");
    private static final LayerSet SECOND = LayerSet.of(1);

    record Windows(Tensor tokens, Tensor targets) implements Dataset {
        @Override
        public String name() {
            return "windows";
        }

        @Override
        public int size() {
            return Math.toIntExact(tokens.size(0));
        }

        @Override
        public Batch batch(int from, int to) {
            return new Batch(tokens.narrow(0, from, to - from), targets.narrow(0, from, to - from));
        }

        @Override
        public long answers(int from, int to) {
            var some = targets.narrow(0, from, to - from).ne(new Scalar((double) Ending.NO_TARGET));
            return (long) Tensors.toDoubles(some.sum())[0];
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public List<String> itemHashes() {
            return List.of("a", "b");
        }
    }

    /// What a test works on.
    record Bench(ModelFile file, Weights weights, Weights expected) implements AutoCloseable {
        static Bench open(String name) throws IOException {
            var file = ModelFile.open(HERE.resolve(name));
            try (var values = Checkpoints.open(HERE.resolve(name).resolve("expected.safetensors"))) {
                return new Bench(file, file.forTraining(), Weights.forTraining(values));
            }
        }

        LayeredModel model() {
            return file.architecture().build(weights);
        }

        Windows items() {
            return new Windows(expected.get("tokens"), expected.get("targets"));
        }

        @Override
        public void close() {
            weights.close();
            expected.close();
            file.close();
        }
    }

    /// Tied and not, with biases, a cap on the logits, parallel blocks, learned positions.
    @ParameterizedTest
    @ValueSource(strings = {"decoder/llama3", "decoder/linear", "family/gemma2/2b", "family/phi/2",
            "family/granite/2b"})
    void ofTheNextTokenTheyAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var bench = Bench.open(name)) {
            var trained = sorted(bench.model());
            var found = new TextGradients(bench.model(), Optional.empty(), DType.F32).of(bench.items(),
                    new int[]{1, 0}, 1, trained);
            double loss = Tensors.toDoubles(bench.expected.get("loss"))[0];
            assertThat(Tensors.toDoubles(found.loss())[0]).isCloseTo(loss, within(1e-4));
            double[] norms = Tensors.toDoubles(bench.expected.get("gradient_norms"));
            int i = 0;
            for (var parameter : trained.keySet()) {
                assertThat(Tensors.toDoubles(found.gradients()[i].norm())[0]).as(parameter)
                        .isCloseTo(norms[i], within(2e-4 * norms[i++] + 1e-6));
            }
            assertThat(new TextGradients(bench.model(), Optional.empty(), DType.F32).measured(bench.items()).loss())
                    .isCloseTo(loss, within(1e-4));
        }
    }

    /// Derivatives by hand and autograd's, experts' too: what is run again gives the same bytes.
    @ParameterizedTest
    @ValueSource(strings = {"decoder/llama3", "decoder/linear", "family/gemma2/2b", "family/phi/2",
            "family/granite/2b", "family/mixtral/window"})
    void whatIsRunAgainGivesTheSameBytes(String name) throws IOException {
        try (var _ = Scope.open(); var bench = Bench.open(name)) {
            var trained = sorted(bench.model());
            var kept = new TextGradients(bench.model(), Optional.empty(), DType.F32);
            var again = new TextGradients(bench.model(), Optional.empty(), DType.F32, Optional.empty(),
                    Optional.empty(), new Passes(true, 2048));
            var first = kept.of(bench.items(), new int[]{1, 0}, 1, trained);
            var second = again.of(bench.items(), new int[]{1, 0}, 1, trained);
            assertThat(Tensors.toDoubles(second.loss())).containsExactly(Tensors.toDoubles(first.loss()));
            for (int i = 0; i < first.gradients().length; i++) {
                assertThat(second.gradients()[i].equal(first.gradients()[i])).as(name + i).isTrue();
            }
        }
    }

    private static SequencedMap<String, Tensor> sorted(LayeredModel model) {
        var all = new LinkedHashMap<String, Tensor>();
        model.parameters().entrySet().stream().sorted(java.util.Map.Entry.comparingByKey())
                .forEach(e -> all.put(e.getKey(), e.getValue()));
        return all;
    }

    /// `(1 − α) · loss + α T² KL(teacher ‖ student)`; some tensors alone change.
    @ParameterizedTest
    @ValueSource(strings = {"decoder/llama3", "family/gemma2/2b", "family/phi/2"})
    void ofATeacherTheyAreAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var bench = Bench.open(name)) {
            var dense = bench.model();
            var student = dense.without(SECOND);
            var trained = new LinkedHashMap<>(student.layers().get(1).parameters());
            trained.putAll(student.head().parameters());
            var tied = student.stem().parameters().values().stream().map(Tensors::identity).toList();
            trained.values().removeIf(t -> tied.contains(Tensors.identity(t)));
            var found = new TextGradients(student, Optional.of(new Teaching(dense, 2, 0.7)), DType.F32)
                    .of(bench.items(), new int[]{0, 1}, 1, trained);
            trained.values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> loss(dense, student, bench.items()));
            assertThat(Tensors.toDoubles(found.loss())[0]).isCloseTo(Tensors.toDoubles(loss)[0], within(1e-4));
            var expected = Autograd.product(loss, torch.ones_like(loss), List.copyOf(trained.values()), false);
            for (int i = 0; i < expected.length; i++) {
                double largest = Tensors.toDoubles(expected[i].abs().max())[0];
                assertThat(Tensors.toDoubles(found.gradients()[i].sub(expected[i]).abs().max())[0])
                        .isLessThanOrEqualTo(1e-4 * largest + 1e-7);
            }
        }
    }

    private static Tensor loss(LayeredModel dense, LayeredModel student, Windows items) {
        var at = items.targets.reshape(-1).ne(new Scalar((double) Ending.NO_TARGET)).nonzero().squeeze(1);
        var z = student.forward(items.tokens, Pass.evaluation()).flatten(0, 1).index_select(0, at);
        var known = Autograd
                .off(() -> dense.forward(items.tokens, Pass.evaluation()).flatten(0, 1).index_select(0, at));
        var p = torch.log_softmax(known.mul(new Scalar(0.5)), 1);
        var q = torch.log_softmax(z.mul(new Scalar(0.5)), 1);
        var divergence = p.exp().mul(p.sub(q)).sum(1).mean();
        var label = items.targets.reshape(-1).index_select(0, at).unsqueeze(1);
        var plain = torch.log_softmax(z, 1).gather(1, label).mean().neg();
        return plain.mul(new Scalar(1 - 0.7)).add(divergence, new Scalar(0.7 * 4));
    }

    /// KL over the most likely tokens and all others as one, by autograd; of nearly all tokens it is the whole one.
    @ParameterizedTest
    @ValueSource(ints = {5, 0})
    void ofKeptAnswersTheyAreAutogradsToo(int kept) throws IOException {
        try (var _ = Scope.open(); var bench = Bench.open("decoder/llama3")) {
            var dense = bench.model();
            var student = dense.without(SECOND);
            var trained = student.layers().get(1).parameters();
            var asked = new Teaching(dense, 2, 1);
            int k = kept == 0 ? Math.toIntExact(asked.vocabulary() - 1) : kept;
            var items = bench.items();
            var said = List.of(asked.most(items, 0, k), asked.most(items, 1, k));
            var found = new TextGradients(student, Optional.of(asked.knowing(said::get)), DType.F32).of(items,
                    new int[]{1, 0}, 1, trained);
            var whole = new TextGradients(student, Optional.of(asked), DType.F32).of(items, new int[]{1, 0}, 1,
                    trained);
            trained.values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> lumped(said, student, items));
            var expected = Autograd.product(loss, torch.ones_like(loss), List.copyOf(trained.values()), false);
            assertThat(Tensors.toDoubles(found.loss())[0]).isCloseTo(Tensors.toDoubles(loss)[0], within(1e-4));
            for (int i = 0; i < expected.length; i++) {
                double largest = Tensors.toDoubles(expected[i].abs().max())[0];
                assertThat(Tensors.toDoubles(found.gradients()[i].sub(expected[i]).abs().max())[0])
                        .isLessThanOrEqualTo(1e-3 * largest + 1e-7);
                if (kept == 0) { // the answers are stored in float16
                    assertThat(Tensors.toDoubles(found.gradients()[i].sub(whole.gradients()[i]).abs().max())[0])
                            .isLessThanOrEqualTo(5e-3 * largest);
                }
            }
        }
    }

    private static Tensor lumped(List<Known.Most> said, LayeredModel student, Windows items) {
        var at = items.targets.reshape(-1).ne(new Scalar((double) Ending.NO_TARGET)).nonzero().squeeze(1);
        var z = student.forward(items.tokens, Pass.evaluation()).flatten(0, 1).index_select(0, at);
        var ids = torch.cat(new TensorVector(said.get(0).ids(), said.get(1).ids()), 0).index_select(0, at)
                .to(torch.ScalarType.Long);
        var logs = torch.cat(new TensorVector(said.get(0).logProbabilities(), said.get(1).logProbabilities()), 0)
                .index_select(0, at).to(torch.ScalarType.Float);
        var q = torch.log_softmax(z.mul(new Scalar(0.5)), 1).gather(1, ids);
        var p = logs.exp();
        var rest = p.sum(1).neg().add(new Scalar(1.0)).clamp_min(new Scalar(1e-6));
        var own = q.exp().sum(1).neg().add(new Scalar(1.0)).clamp_min(new Scalar(1e-6));
        return p.mul(logs.sub(q)).sum(1).add(rest.mul(rest.log().sub(own.log()))).mean().mul(new Scalar(4.0));
    }

    /// On rounded copies of the weights, which stay as they are.
    @ParameterizedTest
    @ValueSource(strings = {"decoder/llama3", "decoder/qwen3"})
    void inBfloat16TheyPointTheSameWay(String name) throws IOException {
        try (var _ = Scope.open(); var bench = Bench.open(name)) {
            var trained = bench.model().parameters();
            var exact = new TextGradients(bench.model(), Optional.empty(), DType.F32).of(bench.items(),
                    new int[]{0, 1}, 1, trained);
            var near = new TextGradients(bench.model(), Optional.empty(), DType.BF16).of(bench.items(),
                    new int[]{0, 1}, 1, trained);
            for (int i = 0; i < exact.gradients().length; i++) {
                var a = near.gradients()[i].flatten();
                var b = exact.gradients()[i].flatten();
                double cosine = Tensors.toDoubles(a.dot(b).div(a.norm().mul(b.norm())))[0];
                assertThat(cosine).isBetween(0.98, 1 - 1e-9);
            }
        }
    }
}
