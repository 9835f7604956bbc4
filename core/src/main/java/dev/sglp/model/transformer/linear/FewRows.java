package dev.sglp.model.transformer.linear;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.NamedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Products of a few float32 rows with a matrix on a CPU, as texts that go on need them, where nothing is recorded. OpenBLAS rearranges the
/// whole matrix for them, which takes several times as long as reading it once: one row is multiplied as a vector, some by oneDNN.
final class FewRows {
    private static final long MOST = 16;
    private static final Optional<NamedOperator> ONE_DNN = NamedOperator.find("mkldnn::_linear_pointwise", "");
    private static final int POSTFIX_ARGUMENTS = 4;

    private FewRows() {}

    /// `x Wᵀ`; empty where it is done as quickly as usual.
    ///
    /// @param x      `[…, in]`
    /// @param weight `[out, in]`
    static Optional<Tensor> product(Tensor x, Tensor weight) { // […, out]
        long rows = x.numel() / weight.size(1);
        if (rows > MOST || x.scalar_type().intern() != ScalarType.Float || !x.is_cpu() || Autograd.records()) {
            return Optional.empty();
        }
        var shape = x.shape();
        shape[shape.length - 1] = weight.size(0);
        if (rows == 1) {
            return Optional.of(torch.mv(weight, x.reshape(-1)).view(shape));
        }
        return weight.is_contiguous() && rows > 1
                ? ONE_DNN.map(linear -> linear.call(new IValue(x), new IValue(weight), new IValue(),
                        new IValue("none"), linear.nothing(POSTFIX_ARGUMENTS), new IValue()))
                : Optional.empty();
    }
}
