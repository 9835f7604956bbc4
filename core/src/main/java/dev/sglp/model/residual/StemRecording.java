package dev.sglp.model.residual;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/// `relu(bn(conv(images)))` and its derivative by hand.
public final class StemRecording implements Recording {
    private final Tensor prepared;
    private final ConvolutionUnit unit;

    /// Runs it forward.
    public StemRecording(Convolution convolution, BatchNorm norm, Tensor images, Pass pass) {
        prepared = Scope.own(Convolution.prepared(images, pass));
        unit = ConvolutionUnit.of(convolution, norm, prepared, pass);
        unit.output().relu_();
    }

    @Override
    public Tensor output() {
        return unit.output();
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        return unit.backward(ConvolutionUnit.rectified(vector, unit.output()), weights, input);
    }

    @Override
    public void free() {
        unit.free();
        Scope.free(prepared);
    }
}
