package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Mending;
import dev.sglp.Notebook;
import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.Sglp;
import dev.sglp.View;
import dev.sglp.Writing;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.family.Both;
import dev.sglp.method.Auto;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The last few plans, repaired whole.
@ExtendWith(Scoped.class)
final class SharedRepairsTest {
    private static final Numbers.Counted ITEMS = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
    private static final int TOGETHER = 2048 / 9; // windows, as the view takes them

    private static View view(LayeredModel model, Repair repair, DenseSums sums) {
        return View.of(model, ITEMS, new Mending.How(repair, TOGETHER, 0, sums),
                View.Going.of(model, LayerSet.EMPTY, 2, new Auto()),
                Progress.silent());
    }

    /// What a run that was killed repaired is not fitted again; nor is the winner for its file, on the same data.
    @Test
    void whatWasKeptIsNotFittedAgain() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var kept = new Kept()) {
            var model = both.whole();
            var how = new Mending.How(Refit.standard(), TOGETHER, 0, DenseSums.none());
            var going = View.Going.of(model, LayerSet.EMPTY, 2, new Auto());
            var plan = LayerSet.of(1, 2);
            List<double[]> first;
            try (var view = View.of(model, ITEMS, how, going, kept.around())) {
                first = numbers(view.finals().without(plan));
            }
            assertThat(kept.fitted).hasSize(2);
            try (var view = View.of(model, ITEMS, how, going, kept.around())) {
                assertThat(numbers(view.finals().without(plan))).usingRecursiveComparison().isEqualTo(first);
            }
            var check = new Numbers.Counted(2, 9, 0, i -> (i * i + 3) % 40);
            var data = new DataRoles(ITEMS, new DataRoles.RepairData(ITEMS, check), ITEMS, ITEMS, List.of());
            try (var repaired = new Mending(model, plan, data, how)
                    .with(Writing.none(), kept.around().notebook(), Progress.silent()).repaired()) {
                assertThat(numbers(repaired.network(2))).usingRecursiveComparison().isEqualTo(first);
            }
            assertThat(kept.fitted).hasSize(2);
            assertThat(kept.found).isEqualTo(2 * 2);
            var task = new RepairTask(model, plan, unread(), TOGETHER).without(plan,
                    kept.around().notebook().repair(kept.fitted.keySet().iterator().next().replaceFirst("\\d$", "")));
            try (var repaired = Refit.standard().repair(task, Progress.silent())) {
                assertThat(numbers(repaired.network())).usingRecursiveComparison().isEqualTo(first);
            }
        }
    }

    /// The second plan takes its first layer from the one before it, and is whole all the same for whoever goes on.
    @Test
    void aPlanThatSharesALayerIsKeptWhole() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var kept = new Kept()) {
            var how = new Mending.How(Refit.standard(), TOGETHER, 0, DenseSums.none());
            var going = View.Going.of(both.whole(), LayerSet.EMPTY, 2, new Auto());
            List<double[]> first;
            try (var view = View.of(both.whole(), ITEMS, how, going, kept.around())) {
                view.finals().without(LayerSet.of(1));
                first = numbers(view.finals().without(LayerSet.of(1, 3)));
            }
            assertThat(kept.fitted).hasSize(3 + 2);
            try (var view = View.of(both.whole(), ITEMS, how, going, kept.around())) {
                assertThat(numbers(view.finals().without(LayerSet.of(1, 3)))).usingRecursiveComparison()
                        .isEqualTo(first);
            }
            assertThat(kept.found).isEqualTo(2);
        }
    }

    /// As the file will hold them; scores of another type of file are others.
    @Test
    void plansAreSeenAsTheyWillBeWritten() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var how = new Mending.How(Refit.standard(), TOGETHER, 0, DenseSums.none());
            var going = View.Going.of(both.whole(), LayerSet.EMPTY, 2, new Auto());
            var narrow = new Sglp.Around(Notebook.none(), new Narrow(), Progress.silent());
            try (var view = View.of(both.whole(), ITEMS, how, going, narrow);
                    var plain = view(both.whole(), Refit.standard(), DenseSums.none())) {
                var found = last(view.finals().without(LayerSet.of(1)), 0);
                assertThat(Tensors.toDoubles(found))
                        .isEqualTo(Tensors.toDoubles(found.to(ScalarType.BFloat16).to(ScalarType.Float)))
                        .isNotEqualTo(Tensors.toDoubles(last(plain.finals().without(LayerSet.of(1)), 0)));
                assertThat(view.finals().words()).isNotEqualTo(plain.finals().words());
            }
        }
    }

    /// Writes bfloat16.
    private record Narrow() implements Writing {
        @Override
        public Tensor stored(String name, Tensor tensor) {
            return tensor.to(ScalarType.BFloat16).to(ScalarType.Float);
        }

        @Override
        public String words() {
            return "narrow";
        }

        @Override
        public LayeredModel taken(Repaired repaired, LayerSet removed) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LayeredModel rounded(LayeredModel pruned, LayerSet removed) {
            throw new UnsupportedOperationException();
        }
    }

    /// Where everything was fitted nothing is run.
    private static Dataset unread() {
        return (Dataset) Proxy.newProxyInstance(Dataset.class.getClassLoader(), new Class<?>[]{Dataset.class},
                (_, method, _) -> {
                    assertThat(method.getName()).isEqualTo("size");
                    return 1;
                });
    }

    /// A notebook that outlives runs.
    private static final class Kept implements AutoCloseable {
        private final Map<String, RepairTask.Fitted> fitted = new HashMap<>();
        private int found;

        Sglp.Around around() {
            return new Sglp.Around(new Notebook.Over() {
                @Override
                public Notebook notebook() {
                    return Notebook.none();
                }

                @Override
                public RepairTask.Memory repair(String question) {
                    return new RepairTask.Memory() {
                        @Override
                        public Optional<RepairTask.Fitted> find(int layer) {
                            var known = Optional.ofNullable(fitted.get(question + layer)).map(Kept::copied);
                            known.ifPresent(_ -> found++);
                            return known;
                        }

                        @Override
                        public boolean has(int layer) {
                            return fitted.containsKey(question + layer);
                        }

                        @Override
                        public void keep(RepairTask.Fitted layer) {
                            var copy = copied(layer);
                            copy.tensors().values().forEach(Scope::own);
                            assertThat(fitted.put(question + layer.fit().layer(), copy)).isNull();
                        }
                    };
                }
            }, Writing.none(), Progress.silent());
        }

        private static RepairTask.Fitted copied(RepairTask.Fitted layer) {
            var tensors = new LinkedHashMap<String, Tensor>();
            layer.tensors().forEach((name, tensor) -> tensors.put(name, Scope.yield(tensor::clone)));
            return new RepairTask.Fitted(tensors, layer.fit());
        }

        @Override
        public void close() {
            fitted.values().forEach(layer -> layer.tensors().values().forEach(Scope::free));
        }
    }

    private static List<double[]> numbers(LayeredModel model) {
        return model.layers().stream().flatMap(layer -> layer.parameters().values().stream()).map(Tensors::toDoubles)
                .toList();
    }

    private static double[] logits(LayeredModel model) {
        return Tensors.toDoubles(
                Autograd.off(() -> model.forward(ITEMS.batch(0, 2).inputs(), Pass.evaluation())));
    }

    private static Tensor last(LayeredModel model, int layer) {
        return model.layers().get(layer).parameters().get("model.layers.%d.mlp.down_proj.weight".formatted(layer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"refit", "scale-refit"})
    void plansThatShareTheirFirstFitsAreRepairedAsAlone(String name) throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20);
                var sums = DenseSums.of(both.whole());
                var view = view(both.whole(), Repairs.named(name), sums);
                var streamed = view(both.streamed(), Repairs.named(name), DenseSums.of(both.streamed()))) {
            var model = both.whole();
            for (var plan : List.of(LayerSet.of(1, 3), LayerSet.of(1), LayerSet.of(1, 2), LayerSet.of(2))) {
                try (var alone = Repairs.named(name).repair(new RepairTask(model, plan, ITEMS, TOGETHER),
                        Progress.silent())) {
                    assertThat(numbers(view.finals().without(plan))).usingRecursiveComparison()
                            .isEqualTo(numbers(alone.network()));
                }
                assertThat(logits(streamed.finals().without(plan))).isEqualTo(logits(view.finals().without(plan)));
            }
        }
    }

    /// Up to the layer behind which both plans keep the same one.
    @Test
    void whatTwoPlansHaveInCommonIsFittedOnce() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20);
                var view = view(both.whole(), Refit.standard(), DenseSums.none())) {
            var first = view.finals().without(LayerSet.of(1));
            var second = view.finals().without(LayerSet.of(1, 3));
            var third = view.finals().without(LayerSet.of(1, 2));
            assertThat(Tensors.identity(last(second, 0))).isEqualTo(Tensors.identity(last(first, 0)));
            assertThat(Tensors.identity(last(third, 0))).isNotEqualTo(Tensors.identity(last(first, 0)));
        }
    }
}
