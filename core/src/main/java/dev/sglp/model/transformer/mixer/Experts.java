package dev.sglp.model.transformer.mixer;

import dev.sglp.model.repair.RoutedMaps.Routing;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Experts of which each token asks a few (Shazeer 2017, arXiv 1701.06538): `Σ p_e · expert_e(x)` over its best, and what a shared expert
/// says besides.
///
/// @param router     `[E, D]`
/// @param top        how many a token asks
/// @param normalised whether the probabilities of those add up to 1
/// @param shared     asked by every token
public record Experts(Linear router, List<Mlp> experts, int top, boolean normalised, Optional<Shared> shared)
        implements
            Mixer {
    private static final long[] LAST = {-1};

    /// @param gate `[1, D]`: how much of it counts
    public record Shared(Mlp expert, Linear gate) {
        Tensor inner(Tensor x) {
            return expert.inner(x).mul(torch.sigmoid(gate.forward(x)));
        }

        Shared mapped(UnaryOperator<Tensor> other) {
            return new Shared(expert.mapped(other), gate.mapped(other));
        }
    }

    @Override
    public Tensor addedTo(Tensor residual, Tensor x) {
        var sum = residual.add(routed(x));
        return shared.map(s -> s.expert.down().addedTo(sum, s.inner(x))).orElse(sum);
    }

    @Override
    public Tensor forward(Tensor x) {
        var sum = routed(x);
        return shared.map(s -> s.expert.down().addedTo(sum, s.inner(x))).orElse(sum);
    }

    @Override
    public Optional<Tensor> besides(Tensor x) {
        return Optional.of(routed(x));
    }

    /// What the experts say that are not shared, `[B, T, D]`.
    private Tensor routed(Tensor x) { // [B, T, D]
        var rows = x.reshape(-1, x.size(-1)); // [n, D]
        var routing = routing(rows);
        var sum = torch.zeros_like(rows);
        for (int e = 0; e < experts.size(); e++) {
            var asking = asking(e, routing);
            var said = experts.get(e).forward(rows.index_select(0, asking.rows)); // [m, D]
            sum.index_add_(0, asking.rows, said.mul(asking.weights));
        }
        return sum.view(x.shape());
    }

    /// Whom tokens ask.
    ///
    /// @param rows `[n, D]`
    public Routing routing(Tensor rows) {
        var all = torch.softmax(router.forward(rows).to(ScalarType.Float), 1); // [n, E]
        var best = torch.topk(all, top, 1, true, true);
        var weights = new Tensor(best.get0()); // the tuple's own dies with it
        if (normalised) {
            weights = weights.div(weights.sum(LAST, true, new ScalarTypeOptional()));
        }
        return new Routing(new Tensor(best.get1()), weights.to(rows.scalar_type()));
    }

    /// The tokens that ask an expert.
    ///
    /// @param rows    their numbers, `[m]`
    /// @param weights by what it is multiplied, `[m, 1]`
    public record Asking(Tensor rows, Tensor weights) {}

    public Asking asking(int expert, Routing routing) {
        var at = routing.asked().eq(new Scalar((double) expert)).nonzero(); // [m, 2]: row, rank
        var row = at.select(1, 0);
        var weight = routing.weights().flatten().index_select(0,
                row.mul(new Scalar((long) top)).add(at.select(1, 1)));
        return new Asking(row, weight.unsqueeze(1));
    }

    /// The shared expert's: the others' maps see some tokens each.
    @Override
    public Optional<Linear> lastMap() {
        return shared.map(s -> s.expert.down());
    }

    @Override
    public Tensor inner(Tensor x) {
        return shared.orElseThrow(() -> new UnsupportedOperationException("there is no shared expert")).inner(x);
    }

    @Override
    public Experts with(Linear output) {
        return new Experts(router, experts, top, normalised,
                shared.map(s -> new Shared(s.expert.with(output), s.gate)));
    }

    @Override
    public Experts divided(double factor) {
        return new Experts(router, experts.stream().map(e -> e.divided(factor)).toList(), top, normalised,
                shared.map(s -> new Shared(s.expert.divided(factor), s.gate)));
    }

    @Override
    public Experts mapped(UnaryOperator<Tensor> other) {
        return new Experts(router.mapped(other), experts.stream().map(e -> e.mapped(other)).toList(), top, normalised,
                shared.map(s -> s.mapped(other)));
    }

    @Override
    public Experts reinitialised(Seed seed, double std) {
        return new Experts(router.reinitialised(seed, std),
                experts.stream().map(e -> e.reinitialised(seed, std)).toList(), top, normalised,
                shared.map(s -> new Shared(s.expert.reinitialised(seed, std), s.gate.reinitialised(seed, std))));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(router.parameters());
        experts.forEach(e -> all.putAll(e.parameters()));
        shared.ifPresent(s -> {
            all.putAll(s.expert.parameters());
            all.putAll(s.gate.parameters());
        });
        return all;
    }
}
