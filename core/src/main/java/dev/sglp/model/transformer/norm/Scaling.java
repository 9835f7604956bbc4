package dev.sglp.model.transformer.norm;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// `x · w`, a factor a channel and no norm before it: LayerScale (Touvron 2021, arXiv 2103.17239, section 2.1).
///
/// @param name   its weight's name in the checkpoint
/// @param weight `[D]`
/// @param first  what the factors are before a training
public record Scaling(String name, Tensor weight, double first) implements Norm {
    @Override
    public Tensor forward(Tensor x) {
        return x.mul(weight);
    }

    @Override
    public Scaling reinitialised() {
        return new Scaling(name, torch.full_like(weight, new Scalar(first)), first);
    }

    @Override
    public Scaling mapped(UnaryOperator<Tensor> other) {
        return new Scaling(name, other.apply(weight), first);
    }

    @Override
    public Tensor unweighted(Tensor x) {
        return x;
    }

    @Override
    public Scaling plus(Tensor difference) {
        return new Scaling(name, weight.add(difference.to(weight.scalar_type())), first);
    }

    @Override
    public Scaling divided(double factor) {
        return new Scaling(name, weight.mul(new Scalar(1 / factor)), first);
    }

    /// What has to be added to `x` so that `y` is added to the output: `y / w`; 0 where the factor is.
    ///
    /// @param y `[…, D]`
    public Tensor back(Tensor y) {
        var inverse = weight.reciprocal();
        return y.mul(inverse.masked_fill(weight.eq(new Scalar(0)), new Scalar(0)));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, weight);
        return all;
    }
}
