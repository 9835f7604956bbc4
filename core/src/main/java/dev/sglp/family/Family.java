package dev.sglp.family;

import dev.sglp.checkpoint.TensorInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A family of networks: recognises its checkpoints by tensor names, shapes and configuration.
public interface Family {
    /// Its name, for instance `cifar-resnet`.
    String name();

    /// The paper it comes from.
    String source();

    /// Where networks of this family may lie in a file, by the names alone.
    ///
    /// @param names  of all tensors of the file
    /// @param config the `config.json` beside it; empty where there is none
    List<NetworkPlace> places(Set<String> names, Map<String, Object> config);

    /// The architecture of a checkpoint, or empty where it is not one of this family.
    ///
    /// @param tensors the header of the checkpoint
    /// @param config  the `config.json` beside it; empty where there is none
    /// @throws IOException where it is of this family but broken: names the tensor or the field
    Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException;
}
