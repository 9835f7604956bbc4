package dev.sglp.training.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Journal;
import dev.sglp.training.TextLesson;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.TrainingStopped;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.assertj.core.api.Assertions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Factors in the place of matrices.
final class LowRankTest {
    private static final TrainingSettings SETTINGS = new TrainingSettings(4, 1, Optimizer.AdamW.standard(),
            Schedule.cosine(0.01, 1), Regularisation.none(), 1);

    /// With plain, fused and transposed maps: autograd's through `W₀ + s · B A`.
    @ParameterizedTest
    @ValueSource(strings = {"decoder/llama3", "family/phi3/mini_4k", "family/gpt2/gpt2", "family/gemma2/2b"})
    void theirGradientsAreAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var bench = TextGradientsTest.Bench.open(name)) {
            var model = bench.model();
            var trained = new Trained.LowRankOf(2, 3, List.of(), 5).network(model);
            var low = trained.lowRank().orElseThrow();
            var seed = Seed.of(9);
            low.matrices().forEach((matrix, m) -> m.b().copy_(seed.normal(matrix, 0.05, m.b().shape())));
            low.merge();
            var found = new TextGradients(model, Optional.empty(), DType.F32, trained.lowRank(), Optional.empty(),
                    Passes.USUAL).of(
                            bench.items(),
                            new int[]{0, 1}, 1, trained.tensors());
            var expected = expected(model, low, bench);
            for (int i = 0; i < expected.length; i++) {
                double largest = Tensors.toDoubles(expected[i].abs().max())[0];
                assertThat(Tensors.toDoubles(found.gradients()[i].sub(expected[i]).abs().max())[0])
                        .isLessThanOrEqualTo(2e-4 * largest + 1e-7);
            }
        }
    }

    /// The network on matrices that autograd knows the making of.
    private static Tensor[] expected(LayeredModel model, LowRank low, TextGradientsTest.Bench bench) {
        low.learned().values().forEach(t -> t.set_requires_grad(true));
        var loss = Autograd.recording(true, () -> {
            var made = new LinkedHashMap<Long, Tensor>();
            low.matrices().values().forEach(m -> made.put(Tensors.identity(m.matrix()),
                    m.start().add(m.b().mm(m.a()).mul(new Scalar(low.scale())))));
            var adapted = model.mapped(t -> made.getOrDefault(Tensors.identity(t), t));
            var items = bench.items();
            var logits = adapted.forward(items.batch(0, 2).inputs(), Pass.evaluation());
            return adapted.objective().loss(logits, items.batch(0, 2).targets());
        });
        return Autograd.product(loss, Tensors.ones(DType.F32), List.copyOf(low.learned().values()), false);
    }

    /// Stopped after three of eight steps.
    @Test
    void aTrainingThatGoesOnEndsWithTheSameBytes() throws IOException {
        try (var _ = Scope.open();
                var whole = TextGradientsTest.Bench.open("decoder/llama3");
                var parts = TextGradientsTest.Bench.open("decoder/llama3");
                var again = TextGradientsTest.Bench.open("decoder/llama3")) {
            train(whole, Journal.none());
            var kept = new Kept(parts.weights().all(), 3);
            Assertions.assertThatThrownBy(() -> train(parts, kept)).isInstanceOf(TrainingStopped.class);
            train(again, kept.goingOn(again.weights().all()));
            again.weights().all().forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                    .isEqualTo(Tensors.toDoubles(whole.weights().get(name))));
            try (var start = ModelFile.open(TextGradientsTest.HERE.resolve("decoder/llama3"));
                    var weights = start.forTraining()) {
                var name = "model.layers.0.self_attn.q_proj.weight";
                assertThat(Tensors.toDoubles(weights.get(name)))
                        .isNotEqualTo(Tensors.toDoubles(again.weights().get(name)));
            }
        }
    }

    private static void train(TextGradientsTest.Bench bench, Journal journal) {
        var lesson = new TextLesson(SETTINGS, Optional.empty(), DType.F32,
                new Trained.LowRankOf(2, 4, List.of(), 1), TextLesson.How.PLAIN);
        lesson.train(bench.model(), bench.items(), bench.items(), journal, Progress.silent());
    }

    /// Keeps copies, as a file does.
    private static final class Kept implements Journal {
        private final SequencedMap<String, Tensor> weights;
        private final int stop;
        private final SequencedMap<String, Tensor> own = new LinkedHashMap<>();
        private Optional<State> state = Optional.empty();
        private int steps;

        Kept(SequencedMap<String, Tensor> weights, int stop) {
            this.weights = weights;
            this.stop = stop;
        }

        Kept goingOn(SequencedMap<String, Tensor> others) {
            var next = new Kept(others, Integer.MAX_VALUE);
            next.own.putAll(own);
            next.state = state;
            return next;
        }

        @Override
        public Optional<State> resume() {
            own.forEach((name, tensor) -> weights.get(name).copy_(tensor));
            return state;
        }

        @Override
        public void keep(State now) {
            own.clear();
            weights.forEach((name, tensor) -> own.put(name, Scope.own(tensor.detach().clone())));
            var moments = new LinkedHashMap<String, Tensor>();
            now.moments().forEach((name, tensor) -> moments.put(name, Scope.own(tensor.detach().clone())));
            state = Optional.of(new State(now.record(), now.part(), now.steps(), moments));
        }

        @Override
        public Wish wish() {
            return ++steps == stop ? Wish.STOP : Wish.GO_ON;
        }

        @Override
        public String place() {
            return "here";
        }
    }
}
