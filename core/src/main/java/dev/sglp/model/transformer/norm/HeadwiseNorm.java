package dev.sglp.model.transformer.norm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A norm for each head, in tensors of their own: `[…, H, h] → […, H, h]`.
///
/// @param heads in their order
public record HeadwiseNorm(List<LayerNorm> heads) implements Norm {
    @Override
    public Tensor forward(Tensor x) {
        var all = new TensorVector();
        for (int i = 0; i < heads.size(); i++) {
            all.push_back(heads.get(i).forward(x.select(-2, i)));
        }
        return torch.stack(all, -2);
    }

    @Override
    public HeadwiseNorm reinitialised() {
        return new HeadwiseNorm(heads.stream().map(LayerNorm::reinitialised).toList());
    }

    @Override
    public HeadwiseNorm mapped(UnaryOperator<Tensor> other) {
        return new HeadwiseNorm(heads.stream().map(head -> head.mapped(other)).toList());
    }

    @Override
    public Tensor unweighted(Tensor x) {
        return heads.getFirst().unweighted(x);
    }

    @Override
    public HeadwiseNorm plus(Tensor difference) {
        throw new UnsupportedOperationException("the norms of heads are not fitted");
    }

    @Override
    public HeadwiseNorm divided(double factor) {
        return new HeadwiseNorm(heads.stream().map(head -> head.divided(factor)).toList());
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        heads.forEach(head -> all.putAll(head.parameters()));
        return all;
    }
}
