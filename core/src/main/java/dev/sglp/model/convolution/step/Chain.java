package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// Steps in their order.
public record Chain(List<Step> steps) {
    /// No steps.
    public static final Chain NONE = new Chain(List.of());

    public Chain {
        steps = List.copyOf(steps);
    }

    /// What goes in is left as it is.
    public Tensor forward(Tensor x, Pass pass) {
        var h = x;
        for (var step : steps) {
            h = h == x ? step.forward(h, pass) : step.overwriting(h, pass);
        }
        return h;
    }

    public Chain first(int count) {
        return new Chain(steps.subList(0, count));
    }

    public Chain from(int start) {
        return new Chain(steps.subList(start, steps.size()));
    }

    public boolean isEmpty() {
        return steps.isEmpty();
    }

    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        steps.forEach(step -> all.putAll(step.parameters()));
        return all;
    }

    public SequencedMap<String, Tensor> buffers() {
        var all = new LinkedHashMap<String, Tensor>();
        steps.forEach(step -> all.putAll(step.buffers()));
        return all;
    }

    public Chain mapped(UnaryOperator<Tensor> other) {
        return new Chain(steps.stream().map(step -> step.mapped(other)).toList());
    }

    public Chain reinitialised(Seed seed) {
        return new Chain(steps.stream().map(step -> step.reinitialised(seed)).toList());
    }
}
