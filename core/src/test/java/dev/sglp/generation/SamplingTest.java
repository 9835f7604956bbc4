package dev.sglp.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.fault.UsageException;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class SamplingTest {
    private static JsonNode fixture() throws IOException {
        return new ObjectMapper().readTree(Path.of("src/test/resources/generation/sampling.json").toFile());
    }

    private static Tensor matrix(JsonNode rows) {
        var values = new float[rows.size() * rows.path(0).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows.path(i / rows.path(0).size()).path(i % rows.path(0).size()).doubleValue();
        }
        return Tensors.floats(values, rows.size(), rows.path(0).size());
    }

    /// `tools/make_sampling_fixture.py` has transformers' own.
    @Test
    void whatIsDrawnFromIsWhatTransformersDrawsFrom() throws IOException {
        try (var _ = Scope.open()) {
            var logits = matrix(fixture().path("logits"));
            for (var one : fixture().path("cases")) {
                var sampling = new Sampling(one.path("temperature").doubleValue(), one.path("top_k").intValue(),
                        one.path("top_p").doubleValue(), 0);
                var found = sampling.candidates(logits);
                var all = torch.zeros_like(logits).to(found.probabilities().scalar_type());
                all.scatter_(1, found.tokens(), found.probabilities());
                var expected = matrix(one.path("probabilities"));
                assertThat(Tensors.toDoubles(all.narrow(0, 0, 3))).as(sampling.toString())
                        .containsExactly(Tensors.toDoubles(expected.narrow(0, 0, 3)), within(2e-6));
                // which of equal ones are cut is nobody's word
                assertThat(Tensors.toDoubles(all.select(0, 3).topk(30).get0())).as(sampling + " of equal ones")
                        .containsExactly(Tensors.toDoubles(expected.select(0, 3).topk(30).get0()), within(2e-6));
            }
        }
    }

    /// A hundred thousand draws: each share is within five standard deviations of its probability.
    @Test
    void tokensAreDrawnAsOftenAsTheyAreLikely() {
        try (var _ = Scope.open()) {
            int draws = 100_000;
            var logits = Tensors.floats(new float[]{0, 1, 2, -1}, 1, 4);
            var sampling = new Sampling(1, 3, 1, 0);
            var chance = List.of(new SplitMix(3));
            var counts = new int[4];
            for (int i = 0; i < draws; i++) {
                counts[sampling.next(logits, chance)[0]]++;
            }
            double all = 1 + Math.E + Math.E * Math.E;
            for (int i = 0; i < 3; i++) {
                double p = Math.exp(i) / all;
                assertThat((double) counts[i] / draws).isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / draws)));
            }
            assertThat(counts[3]).isZero();
        }
    }

    @Test
    void withoutTemperatureTheLikeliestIsTaken() {
        try (var _ = Scope.open()) {
            var logits = Tensors.floats(new float[]{0, 3, 2, 5, 1, 4}, 2, 3);
            assertThat(Sampling.GREEDY.next(logits, List.of(new SplitMix(1), new SplitMix(2)))).containsExactly(1, 0);
        }
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new Sampling(-1, 0, 1, 0)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--temperature");
        assertThatThrownBy(() -> new Sampling(1, -1, 1, 0)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--top-k");
        assertThatThrownBy(() -> new Sampling(1, 0, 0, 0)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--top-p");
    }
}
