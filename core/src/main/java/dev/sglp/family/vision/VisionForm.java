package dev.sglp.family.vision;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// How a network is kept: what stands beside its weights.
public interface VisionForm {
    /// Whether it is a Hugging Face directory.
    boolean directory();

    /// The `config.json` of the network without some layers.
    ///
    /// @param classNames in label order; empty where unknown
    SequencedMap<String, Object> config(LayerSet removed, VisionArchitecture.Images images, List<String> classNames);

    /// The same network with what a file beside its configuration says of its images.
    default VisionArchitecture prepared(VisionArchitecture network, Map<String, Object> preparation)
            throws IOException {
        return network;
    }

    /// The lines of Python that open it then.
    ///
    /// @param layers how many are left
    String openWith(int layers, Image input);
}
