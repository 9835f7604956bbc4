package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// A pass through a layer that is run again on the way back. It owns its output.
///
/// @param x stays the caller's
record StreamedRecording(Layer rerun, Tensor x, Pass pass, Tensor output) implements Recording {
    static StreamedRecording of(Layer layer, Tensor x, Pass pass) {
        return new StreamedRecording(layer, x, pass,
                Scope.yieldOwned(() -> layer.held(held -> output(held, x, pass))));
    }

    /// As a recording gives it, which need not be what a pass forward gives to the last bit.
    private static Tensor output(Layer layer, Tensor x, Pass pass) {
        var own = layer.recorded(x, pass);
        if (own.isEmpty()) {
            return Autograd.recording(true, () -> layer.forward(x.detach(), pass)).detach();
        }
        var output = own.get().output().clone();
        own.get().free();
        return output;
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        return rerun.held(layer -> {
            var own = layer.recorded(x, pass);
            if (own.isEmpty()) {
                return byAutograd(layer, vector, weights, input);
            }
            try {
                var products = own.get().backward(vector, weights, input);
                var copies = new HashMap<Long, Tensor>();
                return new Products(products.weights().stream().map(g -> copy(g, copies)).toList(), products.input());
            } finally {
                own.get().free();
            }
        });
    }

    /// What it would be made of goes with its recording: a copy stays. What is the same object stays so.
    private static Gradient copy(Gradient gradient, Map<Long, Tensor> copies) {
        return switch (gradient) {
            case Gradient.Whole(var whole) -> new Gradient.Whole(copy(whole, copies));
            case Gradient.Product(var vector, var x) -> new Gradient.Product(copy(vector, copies), copy(x, copies));
            case Gradient.Sum(var first, var second) -> new Gradient.Sum(copy(first, copies), copy(second, copies));
        };
    }

    private static Tensor copy(Tensor tensor, Map<Long, Tensor> copies) {
        return copies.computeIfAbsent(Tensors.identity(tensor), _ -> tensor.clone());
    }

    private Products byAutograd(Layer layer, Tensor vector, boolean weights, boolean input) {
        var leaf = x.detach().set_requires_grad(input);
        var inputs = new ArrayList<Tensor>();
        if (weights) {
            inputs.addAll(layer.parameters().values());
        }
        int count = inputs.size();
        if (input) {
            inputs.add(leaf);
        }
        layer.parameters().values().forEach(p -> Autograd.want(p, weights));
        var out = Autograd.recording(true, () -> layer.forward(leaf, pass));
        var products = List.of(Autograd.product(out, vector, inputs, false));
        return new Products(products.subList(0, count).stream().<Gradient>map(Gradient.Whole::new).toList(),
                input ? products.getLast() : null);
    }

    @Override
    public void free() {
        Scope.free(output);
    }
}
