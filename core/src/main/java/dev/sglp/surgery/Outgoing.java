package dev.sglp.surgery;

import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import java.io.IOException;
import java.util.Map;

/// A network on its way to a file.
///
/// @param removed the layers that go
/// @param network without them, in memory: its numbers are those that are written
/// @param types   in which element types
public record Outgoing(LayerSet removed, LayeredModel network, WrittenTypes types) {

    /// What stands beside weights, for instance `config.json`. Asked when the weights are written, so that it can tell of them.
    @FunctionalInterface
    public interface Documents {
        /// @param written the weights, not yet compared with what they should be
        /// @return content by name
        Map<String, byte[]> of(Surgeon.Written written) throws IOException;

        /// Documents that tell nothing of the weights.
        static Documents of(Map<String, byte[]> documents) {
            return _ -> documents;
        }
    }
}
