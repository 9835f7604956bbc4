package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The families, in the order they are asked.
public final class Families {
    private static final List<Family> ALL = List.of(new CifarResNet());

    private Families() {}

    public static List<Family> all() {
        return ALL;
    }

    /// The architecture of a checkpoint.
    ///
    /// @param config the `config.json` beside it; empty where there is none
    /// @throws IOException where no family knows it: names the families and the first tensors found
    public static Architecture of(Checkpoint checkpoint, Map<String, Object> config) throws IOException {
        for (var family : ALL) {
            var found = family.detect(checkpoint.path().toString(), checkpoint.tensors(), config);
            if (found.isPresent()) {
                return found.get();
            }
        }
        var names = checkpoint.tensors().keySet().stream().limit(4).collect(Collectors.joining(", "));
        throw new IOException("[%s] is not a network of a known family (%s). It holds %d tensors: %s%s".formatted(
                checkpoint.path(), ALL.stream().map(Family::name).collect(Collectors.joining(", ")),
                checkpoint.tensors().size(), names, checkpoint.tensors().size() > 4 ? ", …" : ""));
    }
}
