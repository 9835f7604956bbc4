package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A layer of whose pass its input and output alone are kept, and which is run again on the way back (Chen 2016, arXiv 1604.06174): the same
/// numbers in less memory.
public record RunAgain(Layer layer) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return layer.forward(x, pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return Optional.of(StreamedRecording.of(layer, x, pass));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return layer.parameters();
    }

    @Override
    public long macs() {
        return layer.macs();
    }
}
