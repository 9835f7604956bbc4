package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class ScopeTest {
    @Test
    void aTensorDiesWithItsScope() {
        Tensor inside;
        try (var _ = Scope.open()) {
            inside = Tensors.floats(new float[]{1, 2}, 2);
            assertThat(inside.isNull()).isFalse();
        }
        assertThat(inside.isNull()).isTrue();
    }

    @Test
    void aYieldedTensorDiesWithTheEnclosingScope() {
        Tensor kept;
        try (var _ = Scope.open()) {
            kept = Scope.yield(() -> Tensors.floats(new float[]{1, 2}, 2).mul(new Scalar(2.0)));
            assertThat(Tensors.toDoubles(kept)).containsExactly(2, 4);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void anOwnedTensorLivesUntilItIsFreed() {
        Tensor owned;
        try (var _ = Scope.open()) {
            owned = Scope.yieldOwned(() -> Tensors.floats(new float[]{3}, 1));
        }
        assertThat(Tensors.toDoubles(owned)).containsExactly(3);
        Scope.free(owned);
        assertThat(owned.isNull()).isTrue();
    }

    @Test
    void anAliasCannotBeOwned() {
        try (var _ = Scope.open()) {
            var alias = torch.relu_(Tensors.floats(new float[]{1}, 1));
            assertThatThrownBy(() -> Scope.own(alias)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anInPlaceOperationReturnsTheSameHandleSoThatItCanBeYielded() {
        try (var _ = Scope.open()) {
            var x = Tensors.floats(new float[]{-1, 2}, 2);
            assertThat(x.relu_()).isSameAs(x);
            assertThat(x.add_(x)).isSameAs(x);
            assertThat(x.mul_(new Scalar(2.0))).isSameAs(x);
            assertThat(x.detach().set_requires_grad(true).requires_grad()).isTrue();
            var yielded = Scope.yield(() -> x.clone().add_(x));
            assertThat(Tensors.toDoubles(yielded)).containsExactly(0, 16);
            var leaf = x.detach();
            assertThat(leaf.set_requires_grad(true)).isSameAs(leaf);
        }
    }
}
