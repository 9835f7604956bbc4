package dev.sglp.model.convolution.recording;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording.Products;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.tensor.Gradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Convolutions with norms, one after the other, run forward, with what the way back needs.
///
/// @param units in the order they ran
/// @param plan  what they are
record UnitChain(List<ConvolutionUnit> units, List<Planned> plan) {
    /// A convolution, its norm and what bends its output.
    record Planned(Convolution convolution, BatchNorm norm, Activation after) {}

    /// Empty where there is another step among them.
    static Optional<List<Planned>> plan(Chain chain) {
        var plan = new ArrayList<Planned>();
        var steps = chain.steps();
        int i = 0;
        while (i < steps.size()) {
            if (i + 1 >= steps.size() || !(steps.get(i) instanceof Convolution convolution)
                    || !(steps.get(i + 1) instanceof BatchNorm norm) || convolution.bias().isPresent()
                    || convolution.line()) {
                return Optional.empty();
            }
            boolean bent = i + 2 < steps.size() && steps.get(i + 2) instanceof Activation;
            var after = bent ? (Activation) steps.get(i + 2) : Activation.NONE;
            if (!after.reversible()) {
                return Optional.empty();
            }
            plan.add(new Planned(convolution, norm, after));
            i += bent ? 3 : 2;
        }
        return Optional.of(List.copyOf(plan));
    }

    static UnitChain run(List<Planned> plan, Tensor x, Pass pass) {
        var units = new ArrayList<ConvolutionUnit>();
        var h = x;
        for (var next : plan) {
            var unit = ConvolutionUnit.of(next.convolution, next.norm, h, pass);
            next.after.overwriting(unit.output(), pass);
            units.add(unit);
            h = unit.output();
        }
        return new UnitChain(List.copyOf(units), plan);
    }

    Tensor output() {
        return units.getLast().output();
    }

    /// Gradients of all weights in their order, and of the input.
    ///
    /// @param vector gradient with respect to the output
    Products backward(Tensor vector, boolean weights, boolean input) {
        var all = new ArrayList<Gradient>();
        var g = vector;
        for (int i = units.size() - 1; i >= 0; i--) {
            var unit = units.get(i);
            var before = plan.get(i).after.backward(g, unit.output());
            var products = unit.backward(before, weights, input || i > 0);
            all.addAll(0, products.weights());
            if (i == 0) {
                return new Products(List.copyOf(all), products.input());
            }
            g = Objects.requireNonNull(products.input());
        }
        throw new IllegalStateException("a chain without units");
    }

    void free() {
        units.forEach(ConvolutionUnit::free);
    }
}
