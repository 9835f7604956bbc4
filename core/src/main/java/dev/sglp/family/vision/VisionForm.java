package dev.sglp.family.vision;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.preparation.Preparation;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.util.Collections;
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

    /// Whether it looks at images of other sizes than its positions were made for.
    default boolean resizes() {
        return false;
    }

    /// A preparation as its configuration says it.
    ///
    /// @throws dev.sglp.fault.UsageException where it has no words for it
    default Preparation said(Preparation preparation) {
        return preparation;
    }

    /// What the file beside its configuration has to say of images where a user typed something else; empty where it may stay as it is.
    default SequencedMap<String, Object> preparation(VisionArchitecture.Images images) {
        return Collections.emptyNavigableMap();
    }

    /// The lines of Python that open it then.
    ///
    /// @param layers how many are left
    String openWith(int layers, Image input);
}
