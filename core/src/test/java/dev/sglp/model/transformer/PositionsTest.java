package dev.sglp.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.fault.InputException;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.transformer.position.Mask.Alibi;
import dev.sglp.model.transformer.position.Mask.Sight;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Where a token stands: learned rows, and biases of the scores.
final class PositionsTest {
    @Test
    void aTextLongerThanTheLearnedRowsIsToldSo() {
        try (var _ = Scope.open()) {
            var table = new Embedding("wpe.weight", Tensors.floats(new float[]{0, 0, 1, 2, 3, 4}, 6, 1), 0.02);
            var stem = new TokenStem(new Embedding("wte.weight", Tensors.zeros(DType.F32, 3, 1), 0.02), 1,
                    Optional.of(new TokenStem.Positions(table, 2)), new Norm.None());
            assertThat(Tensors
                    .toDoubles(stem.forward(Tensors.longs(new long[]{0, 1, 2, 0}).view(1, 4), Pass.evaluation())))
                    .containsExactly(1, 2, 3, 4);
            assertThatThrownBy(
                    () -> stem.forward(Tensors.longs(new long[]{0, 1, 2, 0, 1}).view(1, 5), Pass.evaluation()))
                    .isInstanceOf(InputException.class)
                    .hasMessage("a text of 5 tokens is too long: the network has learned 4 positions (wpe.weight)");
        }
    }

    /// PyTorch's own numbers: places beyond 256 are rounded to bfloat16 before they are multiplied, and the product again.
    @Test
    void linearBiasesAreRoundedAsPyTorchHasThem() {
        try (var _ = Scope.open()) {
            var scores = new Mask(new Sight(0, true, new Alibi(32, 1))).scores(2048, Tensors.zeros(DType.F32, 1));
            var last = Tensors.toDoubles(scores.select(1, 2047).select(0, 0)); // [T], of the first head
            assertThat(new double[]{last[1], last[257], last[300], last[1001], last[1337], last[2047]})
                    .containsExactly(FIRST_HEAD);
        }
    }

    /// `(slopes[0].bfloat16() * torch.arange(2048))[[1, 257, 300, 1001, 1337, 2047]]` with `slopes[0] = 2 ** -0.25`.
    private static final double[] FIRST_HEAD = {0.83984375, 215.0, 252.0, 840.0, 1120.0, 1720.0};
}
