package dev.sglp.surgery;

import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// A network that is run from its file, with one layer's weights in memory at a time, and a part of the head's matrix.
///
/// @param file    the network
/// @param removed layers that are left out; theirs are never read
/// @param rounded to which element type the numbers of a tensor are rounded before it is used
record StreamedNetwork(ModelFile file, LayerSet removed, Map<String, DType> rounded) {
    /// The network as the file has it.
    StreamedNetwork(ModelFile file, LayerSet removed) {
        this(file, removed, Map.of());
    }

    /// The logits for `inputs` in float32, in the current scope.
    ///
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    Tensor logits(Tensor inputs) throws IOException {
        try (var weights = Streaming.layerByLayer(file, !rounded.isEmpty())) {
            rounded.forEach((name, type) -> {
                if (weights.all().containsKey(name)) {
                    weights.round(name, type, false);
                }
            });
            var model = file.architecture().build(weights).without(removed);
            return Autograd.off(() -> Proof.Network.logits(model, inputs, Proof.MATRIX, file.checkpoint()::unload));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            file.checkpoint().unload();
        }
    }
}
