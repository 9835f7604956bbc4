package dev.sglp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Scoped;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The worked-off head against autograd on the whole.
@ExtendWith(Scoped.class)
final class EndingTest {
    private static final long VOCABULARY = 5000;
    private static final int WIDTH = 3;
    private Tensor h;
    private Tensor targets;
    private Linear head;
    private final Workspace workspace = new Workspace();

    private record Scale(Tensor scale) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.mul(scale);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>(Map.of("scale", scale));
        }
    }

    private record Linear(Scale prepare, Tensor matrix) implements LinearHead {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return prepare.forward(x, pass).matmul(matrix.t());
        }

        /// Seven rows have a target: more than one piece, even where pieces are larger.
        @Override
        public long rowsAtATime() {
            return 1;
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<>(prepare.parameters());
            all.put("matrix", matrix);
            return all;
        }
    }

    @BeforeEach
    void open() {
        make(WIDTH);
    }

    private void make(int width) {
        var seed = Seed.of(3);
        h = seed.normal("h", 1, 2, 5, width).to(ScalarType.Double);
        targets = Tensors.longs(new long[]{1, 2, 0, VOCABULARY - 1, -100, 5, -100, 7, 8, -100}).view(2, 5);
        head = new Linear(new Scale(seed.normal("scale", 1, width).to(ScalarType.Double)),
                seed.normal("matrix", 1, VOCABULARY, width).to(ScalarType.Double));
    }

    @AfterEach
    void close() {
        workspace.close();
    }

    @Test
    void theLossIsThatOfAllLogitsAtOnce() {
        var ending = new Ending(head, Objective.nextToken());
        double whole = Tensors
                .toDoubles(wide(head.forward(h, Pass.evaluation()), targets))[0];
        assertThat(ending.loss(h, targets, Pass.evaluation())).isCloseTo(whole, within(1e-5));
    }

    /// More rows than columns, so that the matrix' gradient is summed piece by piece; and fewer.
    @ParameterizedTest
    @ValueSource(ints = {WIDTH, 20})
    void everyGradientIsAutogradsGradient(int width) {
        make(width);
        var ending = new Ending(head, Objective.nextToken());
        var told = new LinkedHashMap<String, Tensor>();
        var dh = ending.backward(h, targets, new Ending.Wish(Pass.evaluation(), 0.5, true, workspace),
                (part, parameters, gradients) -> {
                    int i = 0;
                    for (var name : parameters.keySet()) {
                        told.put(name, Scope.own(gradients.get(i++).whole()));
                    }
                });
        var leaf = h.detach().set_requires_grad(true);
        var loss = Autograd.recording(true,
                () -> wide(head.forward(leaf, Pass.evaluation()), targets));
        var expected = Autograd.product(loss, torch.full_like(loss, new Scalar(0.5)),
                List.of(leaf, head.prepare.scale, head.matrix), false);
        assertThat(apart(dh, expected[0])).isLessThan(1e-12);
        assertThat(apart(told.get("scale"), expected[1])).isLessThan(1e-12);
        assertThat(apart(told.get("matrix"), expected[2])).isLessThan(1e-12);
        told.values().forEach(Scope::free);
    }

    @Test
    void anotherObjectiveIsAskedItself() {
        var ending = new Ending(head, (logits, _) -> logits.square().mean());
        double whole = Tensors.toDoubles(head.forward(h, Pass.evaluation()).square().mean())[0];
        assertThat(ending.loss(h, targets, Pass.evaluation())).isCloseTo(whole, within(1e-6 * whole));
        var leaf = h.detach().set_requires_grad(true);
        var loss = Autograd.recording(true, () -> head.forward(leaf, Pass.evaluation()).square().mean());
        var expected = Autograd.product(loss, torch.ones_like(loss), List.of(leaf), false)[0];
        var got = ending.backward(h, targets, new Ending.Wish(Pass.evaluation(), 1, false, workspace), (_, _, _) -> {});
        assertThat(apart(got, expected)).isLessThan(1e-6);
    }

    @Test
    void aBatchWithoutTargetsIsRefused() {
        var none = torch.full_like(targets, new Scalar(-100.0));
        var ending = new Ending(head, Objective.nextToken());
        assertThatThrownBy(() -> ending.loss(h, none, Pass.evaluation()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 tokens");
    }

    /// Cross-entropy of all logits at once, in float64.
    private static Tensor wide(Tensor logits, Tensor targets) {
        return torch.cross_entropy_loss(logits.to(ScalarType.Double).reshape(-1, logits.size(-1)), targets.reshape(-1),
                new TensorOptional(), 1, -100, 0);
    }

    private static double apart(Tensor a, Tensor b) {
        return Tensors.toDoubles(a.sub(b).abs().max())[0];
    }
}
