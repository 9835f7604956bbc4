package dev.sglp.model.residual;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording.Products;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

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

    /// The gradient before a rectifier that gave `output`: zero where it gave zero; in place where `vector` is channels last.
    static Tensor rectified(Tensor vector, Tensor output) {
        var g = vector.contiguous(MemoryFormat.ChannelsLast);
        torch.threshold_backward_out(g, g, output, new Scalar(0.0));
        return g;
    }

    void free() {
        tensors().forEach(Scope::free);
    }
}
