package dev.sglp.model.convolution;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.convolution.folded.FrozenChain;
import dev.sglp.model.convolution.recording.StemRecording;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// From images, which go on channels last, to the first layer.
public record ImageStem(Chain chain, long macs) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W]
        return chain.forward(Convolution.prepared(x, pass), pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return StemRecording.of(chain, x, pass);
    }

    @Override
    public Part frozen() {
        return new Frozen(FrozenChain.of(chain));
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
    public ImageStem mapped(UnaryOperator<Tensor> other) {
        return new ImageStem(chain.mapped(other), macs);
    }

    @Override
    public ImageStem reinitialised(Seed seed) {
        return new ImageStem(chain.reinitialised(seed), macs);
    }

    private record Frozen(FrozenChain chain) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return chain.of(Convolution.prepared(x, pass));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Chain.NONE.parameters();
        }
    }
}
