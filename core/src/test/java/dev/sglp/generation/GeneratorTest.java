package dev.sglp.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.InputException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class GeneratorTest {
    private static final Generator.Listener NOBODY = (_, _) -> {};

    /// A network with random weights.
    private record Pico(ModelFile file, Weights weights, LayeredModel model) implements AutoCloseable {
        static Pico open(String name) throws IOException {
            var file = ModelFile.open(Path.of("src/test/resources/family", name));
            var weights = file.forReading();
            return new Pico(file, weights, file.architecture().build(weights));
        }

        @Override
        public void close() {
            weights.close();
            file.close();
        }
    }

    private static Generator generator(LayeredModel model, Sampling sampling, int limit, int batch, Integer... stops) {
        return new Generator(model, new Generator.Settings(sampling, Set.of(stops), limit, batch));
    }

    private static Tensor logits(LayeredModel model, int[] tokens) { // [T, V]
        var ids = Tensors.longs(Arrays.stream(tokens).asLongStream().toArray()).unsqueeze(0);
        return Autograd.off(() -> model.forward(ids, Pass.evaluation())).squeeze(0);
    }

    /// Each token is the likeliest by a pass over the whole text, also where what is kept has grown out of its room twice.
    @Test
    void aLongTextIsThatOfWholePasses() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("qwen2/yarn")) {
            var said = generator(pico.model, Sampling.GREEDY, 600, 1).of(List.of(new int[]{3, 7, 11}), NOBODY)
                    .getFirst();
            assertThat(said.tokens()).hasSize(600);
            var likeliest = Tensors.toDoubles(logits(pico.model, said.whole()).argmax(
                    new org.bytedeco.pytorch.LongOptional(1), false));
            for (int i = 0; i < 600; i++) {
                assertThat((int) likeliest[2 + i]).as("token " + i).isEqualTo(said.tokens()[i]);
            }
        }
    }

    /// A text's draws are its own: it is the same alone and among others, some of which end before it.
    @Test
    void whatIsDrawnForATextDoesNotDependOnTheOthers() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("mixtral/window")) {
            var sampling = new Sampling(1, 0, 0.9, 7);
            var prompts = List.of(new int[]{1, 2, 3}, new int[]{4}, new int[]{5, 6, 7, 8, 9, 10}, new int[]{11, 12},
                    new int[]{13, 14, 15});
            var together = generator(pico.model, sampling, 40, 3, 21, 30).of(prompts, NOBODY);
            assertThat(together).anyMatch(Continuation::ended).anyMatch(text -> !text.ended());
            for (int i = 0; i < prompts.size(); i++) {
                var alone = generator(pico.model, sampling, 40, 1, 21, 30).of(List.of(prompts.get(i)), i, NOBODY)
                        .getFirst();
                assertThat(together.get(i).prompt()).containsExactly(prompts.get(i));
                assertThat(together.get(i).tokens()).containsExactly(alone.tokens());
                assertThat(together.get(i).last()).isEqualTo(alone.last());
            }
            assertThat(generator(pico.model, new Sampling(1, 0, 0.9, 8), 40, 3).of(prompts, NOBODY).getFirst().tokens())
                    .isNotEqualTo(together.getFirst().tokens());
        }
    }

    /// Texts take the places of those that have ended, and what nobody holds goes.
    @Test
    void manyTextsInFewPlacesAreWhatTheyAreAlone() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("qwen2/yarn")) {
            var sampling = new Sampling(1, 0, 0.9, 11);
            var prompts = IntStream.range(0, 14).mapToObj(i -> IntStream.rangeClosed(1, 1 + i % 4).toArray()).toList();
            var stops = new Integer[]{21};
            var together = generator(pico.model, sampling, 300, 4, stops).of(prompts, NOBODY);
            assertThat(together).anyMatch(text -> text.ended() && text.tokens().length > 70)
                    .anyMatch(text -> text.tokens().length > 100);
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(together.get(i).tokens()).as("text " + i).containsExactly(generator(pico.model, sampling,
                        300, 1, stops).of(List.of(prompts.get(i)), i, NOBODY).getFirst().tokens());
            }
        }
    }

    @Test
    void aStopEndsATextAndIsNotPartOfIt() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("qwen2/yarn")) {
            var prompt = List.of(new int[]{3, 7, 11});
            int[] free = generator(pico.model, Sampling.GREEDY, 12, 1).of(prompt, NOBODY).getFirst().tokens();
            int stop = free[5];
            int first = IntStream.range(0, 12).filter(i -> free[i] == stop).findFirst().orElseThrow();
            var told = new ArrayList<Integer>();
            var said = generator(pico.model, Sampling.GREEDY, 12, 1, stop).of(prompt, (_, token) -> told.add(token))
                    .getFirst();
            assertThat(said.ended()).isTrue();
            assertThat(said.last()).isEqualTo(stop);
            assertThat(said.tokens()).containsExactly(Arrays.copyOf(free, first));
            assertThat(told).containsExactlyElementsOf(IntStream.of(said.tokens()).boxed().toList());
        }
    }

    @Test
    void learnedPositionsEnd() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("gpt2/gpt2")) {
            assertThatThrownBy(() -> generator(pico.model, Sampling.GREEDY, 5000, 1).of(List.of(new int[]{1}), NOBODY))
                    .isInstanceOf(InputException.class).hasMessageContaining("the network has learned");
        }
    }

    /// The definition, on all logits at once.
    @Test
    void theDivergenceIsThatOfTheNextTokens() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("qwen2/yarn")) {
            var other = pico.model.without(LayerSet.of(1));
            var said = generator(pico.model, Sampling.GREEDY, 9, 1).of(List.of(new int[]{3, 7, 11}), NOBODY).getFirst();
            var p = torch.log_softmax(logits(pico.model, said.whole()).to(ScalarType.Double), 1).narrow(0, 2, 9);
            var q = torch.log_softmax(logits(other, said.whole()).to(ScalarType.Double), 1).narrow(0, 2, 9);
            double expected = Tensors.toDoubles(p.exp().mul(p.sub(q)).sum())[0] / 9;
            assertThat(expected).isGreaterThan(0.01);
            assertThat(Divergence.along(said, pico.model, other)).isCloseTo(expected, within(1e-6));
            assertThat(Divergence.along(said, pico.model, pico.model)).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void repeatedGramsAreCounted() {
        assertThat(Repetition.of(new int[]{1, 2, 3, 4, 5}, 4)).isZero();
        assertThat(Repetition.of(new int[]{1, 1, 1, 1, 1, 1}, 4)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(Repetition.of(new int[]{1, 2, 3, 4, 1, 2, 3, 4}, 4)).isCloseTo(1 / 5.0, within(1e-12));
        assertThat(Repetition.of(new int[]{1, 2, 3}, 4)).isZero();
    }
}
