package dev.sglp.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Experts;
import dev.sglp.model.transformer.mixer.Mlp;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// Experts that no token asks.
final class ExpertsTest {
    private static Linear map(String name, long out, long in) {
        return new Linear.Plain(name, Seed.of(1).normal(name, 0.5, out, in));
    }

    private static Mlp expert(int number) {
        return new Mlp(new Mlp.Entry.Gated(map(number + ".gate", 3, 2), map(number + ".up", 3, 2)),
                map(number + ".down", 2, 3), Activation.SILU);
    }

    /// The first is asked by all: its share is 1 where shares add up to 1.
    private static Experts asked(boolean normalised) {
        var router = new Linear.Plain("router", Tensors.floats(new float[]{1, 1, 0, 0, -1, -1}, 3, 2));
        return new Experts(router, IntStream.range(0, 3).mapToObj(ExpertsTest::expert).toList(), 1, normalised,
                Optional.empty());
    }

    private static final float[] TOKENS = {1, 2, 0.5f, 0.25f, 3, 1, 2, 2};

    @Test
    void theyGetAGradientOfZeroAndTheOthersTheirs() {
        try (var _ = Scope.open()) {
            var experts = asked(true);
            var x = Tensors.floats(TOKENS, 1, 4, 2);
            assertThat(Tensors.toDoubles(experts.forward(x)))
                    .isEqualTo(Tensors.toDoubles(experts.experts().getFirst().forward(x)));
            var parameters = new ArrayList<Tensor>(experts.parameters().values());
            parameters.forEach(p -> p.set_requires_grad(true));
            var out = Autograd.recording(true, () -> experts.forward(x));
            var found = Autograd.product(out, Seed.of(2).normal("vector", 1, 1, 4, 2), parameters, false);
            var names = List.copyOf(experts.parameters().keySet());
            for (int i = 0; i < found.length; i++) {
                double most = Tensors.toDoubles(found[i].abs().max())[0];
                if (names.get(i).startsWith("0.")) {
                    assertThat(most).as(names.get(i)).isGreaterThan(0.01);
                } else if (!names.get(i).equals("router")) {
                    assertThat(most).as(names.get(i)).isZero();
                }
            }
        }
    }

    @Test
    void aShareThatIsNotNormalisedIsTheProbability() {
        try (var _ = Scope.open()) {
            var experts = asked(false);
            var x = Tensors.floats(TOKENS, 1, 4, 2);
            double[] said = Tensors.toDoubles(experts.forward(x));
            double[] alone = Tensors.toDoubles(experts.experts().getFirst().forward(x));
            for (int i = 0; i < said.length; i++) {
                double logit = TOKENS[i / 2 * 2] + TOKENS[i / 2 * 2 + 1];
                double share = Math.exp(logit) / (Math.exp(logit) + 1 + Math.exp(-logit));
                assertThat(said[i]).isCloseTo(share * alone[i], within(1e-6));
            }
        }
    }
}
