package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A layer whose weights are in memory only while it is {@link #held}.
interface HeldLayer extends Layer {
    /// The same layer on placeholders, which have shapes and take no memory.
    Layer outline();

    @Override
    default Tensor forward(Tensor x, Pass pass) {
        return held(layer -> layer.forward(x, pass));
    }

    /// Its weights come again on the way back, and its pass is run again there: nothing but its input is kept.
    @Override
    default Optional<Recording> recorded(Tensor x, Pass pass) {
        return Optional.of(StreamedRecording.of(this, x, pass));
    }

    @Override
    default String name() {
        return outline().name();
    }

    @Override
    default Optional<String> fixed() {
        return outline().fixed();
    }

    @Override
    default SequencedMap<String, Tensor> buffers() {
        return outline().buffers();
    }

    @Override
    default long macs() {
        return outline().macs();
    }
}
