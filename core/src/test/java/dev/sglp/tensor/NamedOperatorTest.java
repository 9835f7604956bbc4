package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class NamedOperatorTest {
    @Test
    void anOperatorIsCalledByItsName() {
        var add = NamedOperator.find("aten::add", "Tensor").orElseThrow();
        try (var _ = Scope.open()) {
            var sum = Scope.yield(() -> add.call(new IValue(Tensors.floats(new float[]{1, 2}, 2)),
                    new IValue(Tensors.floats(new float[]{10, 20}, 2)), new IValue(new Scalar(2.0))));
            assertThat(Tensors.toDoubles(sum)).containsExactly(21, 42);
        }
    }

    @Test
    void listsHaveTheTypeOfTheSchema() {
        var sum = NamedOperator.find("aten::sum", "dim_IntList").orElseThrow();
        var pad = NamedOperator.find("aten::cat", "").orElseThrow();
        try (var _ = Scope.open()) {
            var x = torch.ones(2, 3);
            assertThat(sum.call(new IValue(x), NamedOperator.integers(1), new IValue(false), new IValue()).sizes()
                    .vec().get()).containsExactly(2);
            assertThat(pad.nothing(0).isTensorList()).isTrue();
        }
    }

    @Test
    void whatLibtorchDoesNotHaveIsAbsent() {
        assertThat(NamedOperator.find("aten::no_such_operator", "")).isEmpty();
    }
}
