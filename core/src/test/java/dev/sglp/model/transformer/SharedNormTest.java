package dev.sglp.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Mlp;
import dev.sglp.model.transformer.norm.LayerNorm;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// Sublayers side by side that read through one norm.
final class SharedNormTest {
    private static Tensor drawn(String name, long... shape) {
        return Seed.of(1).normal(name, 0.5, shape);
    }

    private static Mlp mlp(String name) {
        return new Mlp(new Mlp.Entry.Plain(new Linear.Plain(name + ".up", drawn(name + ".up", 3, 2))),
                new Linear.Plain(name + ".down", drawn(name + ".down", 2, 3)), Activation.GELU);
    }

    @Test
    void theyShareTheFreshOneToo() {
        try (var _ = Scope.open()) {
            var norm = new LayerNorm(Optional.of(new LayerNorm.Named("norm.weight", drawn("norm", 2))),
                    Optional.of(new LayerNorm.Named("norm.bias", drawn("bias", 2))), 1e-5);
            var block = new Block("h.0", List.of(new Sublayer(norm, mlp("a")), new Sublayer(norm, mlp("b"))),
                    Block.Order.PARALLEL, new Block.Constant(0.02, 1)).reinitialised(Seed.of(3));
            assertThat(block.sublayers().getFirst().before()).isSameAs(block.sublayers().getLast().before());
            assertThat(block.parameters()).hasSize(6);
            assertThat(Tensors.toDoubles(block.parameters().get("norm.weight"))).containsExactly(1, 1);
        }
    }
}
