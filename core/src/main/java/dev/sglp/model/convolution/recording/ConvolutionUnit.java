package dev.sglp.model.convolution.recording;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording.Products;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.model.convolution.step.NormalisedBatch;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// A convolution and its norm, run forward, with what the way back needs. It owns its tensors but for the input.
///
/// @param raw    `conv(x)`
/// @param result `bn(raw)`; what follows may change its output in place where only the sign counts afterwards
record ConvolutionUnit(Convolution convolution, Tensor x, Tensor raw, NormalisedBatch result) {

    static ConvolutionUnit of(Convolution convolution, BatchNorm norm, Tensor x, Pass pass) {
        var raw = convolution.forward(x);
        var unit = new ConvolutionUnit(convolution, x, raw, norm.normalised(raw, pass));
        unit.tensors().forEach(Scope::own);
        return unit;
    }

    private List<Tensor> tensors() {
        return List.of(raw, result.output(), result.mean(), result.deviation());
    }

    Tensor output() {
        return result.output();
    }

    /// Gradients of the convolution's weight, the norm's scale and shift, and of the input.
    ///
    /// @param vector gradient with respect to `bn(raw)`
    Products backward(Tensor vector, boolean weights, boolean input) {
        var inner = result.backward(raw, vector, weights);
        var outer = convolution.backward(x, inner[0], weights, input);
        return new Products(
                weights
                        ? Stream.of(outer[1], inner[1], inner[2]).<Gradient>map(Gradient.Whole::new).toList()
                        : List.of(),
                input ? outer[0] : null);
    }

    void free() {
        tensors().forEach(Scope::free);
    }
}
