package dev.sglp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// A tape keeps what its path needs, and nothing else.
final class TapeTest {
    /// Remembers what it was given.
    private record Doubling(List<Tensor> seen) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            seen.add(x);
            return x.mul(new Scalar(2));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>();
        }
    }

    @Test
    void whatAPathNoLongerSharesIsFreedAtOnceAndNotWithTheScopeAround() {
        try (var _ = Scope.open()) {
            var seen = new ArrayList<Tensor>();
            var parts = List.of(new Doubling(seen), new Doubling(seen), new Doubling(seen), new Doubling(seen));
            var path = parts.stream().map(part -> new Tape.Node(part, false)).toList();
            var meter = new Meter(new LayeredModel("doubling", parts.getFirst(), List.of(), parts.getLast(),
                    Objective.nextToken(), Layout.TOKENS), 1);
            Autograd.recording(false, () -> {
                try (var tape = new Tape(Seed.of(1).normal("x", 1, 3), Pass.evaluation(), meter)) {
                    tape.follow(path);
                    tape.follow(List.of(path.get(0), path.get(1), path.get(3)));
                    assertThat(seen).hasSize(5);
                    assertThat(seen.stream().map(x -> x.isNull())).containsExactly(false, false, true, true, false);
                }
                return assertThat(seen).allMatch(x -> x.isNull());
            });
        }
    }
}
