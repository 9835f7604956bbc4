package dev.sglp.repair;

import dev.sglp.model.Pass;
import dev.sglp.model.repair.RoutedMaps;
import dev.sglp.model.repair.RoutedMaps.Routing;
import dev.sglp.model.repair.RoutedMaps.Seen;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.solver.Aim;
import dev.sglp.repair.solver.LeastSquares;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The experts of one layer, fitted one after the other: `ΔW_e` minimises `Σ ‖p u ΔW_eᵀ − r‖² + λ_e g_e ‖ΔW_e‖²` over the tokens that ask
/// expert e, with p the router's weight of it, u what its map multiplies, r what the experts before it left of the distance to the
/// dense stream, rows divided as in {@link Refit}. An expert that sees fewer tokens than the mean is held as much more strongly to its
/// map. There is one expert's least squares at a time; what the tokens read and what is left of their distance is kept.
final class ExpertsFit implements AutoCloseable {
    private static final int LEAST = 32; // tokens

    private final RoutedMaps maps;
    private final Streams streams;
    private final @Nullable Rows[] rows;
    private final double[] aims; // Σ ‖y‖² of each batch, as its rows are weighed
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Integer> kept = new ArrayList<>();

    /// One batch.
    ///
    /// @param read what the experts read, `[n, D]`
    /// @param left `(y − o)` divided by the root mean square of y, `[n, D]`
    /// @param root one over that, `[n, 1]`
    private record Rows(Tensor read, Routing routing, Tensor left, Tensor root) {
        void free() {
            List.of(read, routing.asked(), routing.weights(), left, root).forEach(Scope::free);
        }
    }

    ExpertsFit(RoutedMaps maps, Streams streams) {
        this.maps = maps;
        this.streams = streams;
        this.rows = new Rows[streams.batches().count()];
        this.aims = new double[rows.length];
        streams.batches().each(this::look);
    }

    private void look(int batch) {
        var run = maps.run(streams.smaller(batch), Pass.evaluation());
        var at = streams.positions().of(run.sum(), streams.batches().padding(batch), streams.batches().first(batch));
        var layout = streams.positions().layout();
        var read = layout.positions(run.read()).index_select(0, at);
        var y = Aim.rows(layout, streams.target(batch), at);
        var root = Aim.root(y);
        aims[batch] = squares(y.mul(root));
        var left = y.sub(Aim.rows(layout, run.sum(), at)).mul_(root);
        var routing = maps.routing(read);
        rows[batch] = new Rows(Scope.own(read), new Routing(Scope.own(routing.asked()), Scope.own(routing.weights())),
                Scope.own(left), Scope.own(root));
    }

    private static double squares(Tensor rows) {
        return Tensors.toDoubles(rows.square().sum(new ScalarTypeOptional(ScalarType.Double)))[0];
    }

    private Rows rows(int batch) {
        return Objects.requireNonNull(rows[batch]);
    }

    /// Fits all; changed maps are in the scope that is open.
    LayerFit fit(int layer, double ridge) {
        double aim = Arrays.stream(aims).sum();
        double before = left();
        double mean = seen(-1) / (double) maps.count();
        for (int map = 0; map < maps.count(); map++) {
            long tokens = seen(map);
            if (tokens < LEAST || !fitted(map, ridge * Math.max(1, mean / tokens))) {
                kept.add(map);
            }
        }
        return new LayerFit(layer, ridge, before / aim, left() / aim);
    }

    private double left() {
        var each = new double[rows.length];
        streams.batches().each(b -> each[b] = squares(rows(b).left));
        return Arrays.stream(each).sum();
    }

    /// How many tokens ask a map; a number below 0: all of them together, each by each.
    private long seen(int map) {
        var each = new double[rows.length];
        streams.batches().each(b -> {
            var asked = rows(b).routing.asked();
            each[b] = map < 0
                    ? asked.numel()
                    : Tensors.toDoubles(asked.eq(new Scalar((double) map)).sum())[0];
        });
        return Math.round(Arrays.stream(each).sum());
    }

    /// Whether there was a factor.
    private boolean fitted(int map, double ridge) {
        var halves = new LeastSquares[2];
        try {
            streams.batches().each(b -> {
                var seen = seen(map, b);
                int half = Batches.half(b);
                if (halves[half] == null) {
                    halves[half] = new LeastSquares(seen.inner().size(1));
                }
                halves[half].add(seen.inner(), rows(b).left.index_select(0, seen.rows()));
            });
            if (halves[1] != null) {
                halves[0].add(halves[1]);
            }
            return halves[0].solve(ridge).map(found -> {
                var change = found.map().to(ScalarType.Float); // [f, D]
                streams.batches().each(b -> {
                    var seen = seen(map, b);
                    rows(b).left.index_add_(0, seen.rows(), seen.inner().mm(change).neg_());
                });
                tensors.putAll(maps.plus(map, change.t()));
                return true;
            }).orElse(false);
        } finally {
            Arrays.stream(halves).filter(Objects::nonNull).forEach(LeastSquares::close);
        }
    }

    /// Rows as they are weighed.
    private Seen seen(int map, int batch) {
        var own = rows(batch);
        var seen = maps.seen(map, own.read, own.routing);
        return new Seen(seen.rows(),
                seen.inner().to(ScalarType.Float).mul(own.root.index_select(0, seen.rows())));
    }

    /// The changed maps by name.
    SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /// What is said of experts whose map stays as it is; empty where all were fitted.
    List<String> notes(int layer, String name) {
        return kept.isEmpty()
                ? List.of()
                : List.of(
                        "Layer %d (%s): %d of %d experts keep their map, since fewer than %d tokens ask them or their sums have no factor (%s)."
                                .formatted(layer, name, kept.size(), maps.count(), LEAST, shown()));
    }

    private String shown() {
        int most = 8;
        var first = IntStream.range(0, Math.min(most, kept.size())).mapToObj(i -> kept.get(i).toString()).toList();
        return String.join(", ", first) + (kept.size() > most ? ", …" : "");
    }

    @Override
    public void close() {
        Arrays.stream(rows).filter(Objects::nonNull).forEach(Rows::free);
    }
}
