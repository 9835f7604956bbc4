package dev.sglp.model.convolution;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.tensor.Seed;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// From the last layer's output to the logits `[B, classes]`, in the precision of its own weights.
public record ClassHead(Chain chain, long macs) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W]
        return chain.forward(x.to(parameters().firstEntry().getValue().scalar_type()), pass);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return chain.parameters();
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        return chain.buffers();
    }

    @Override
    public ClassHead mapped(UnaryOperator<Tensor> other) {
        return new ClassHead(chain.mapped(other), macs);
    }

    @Override
    public ClassHead reinitialised(Seed seed) {
        return new ClassHead(chain.reinitialised(seed), macs);
    }
}
