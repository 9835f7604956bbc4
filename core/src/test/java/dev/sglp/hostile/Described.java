package dev.sglp.hostile;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// All that is said of a network without its weights.
final class Described {
    private Described() {}

    static void describe(Path file) throws IOException {
        try (var model = ModelFile.open(file)) {
            var network = model.architecture();
            network.description();
            network.layers().forEach(layer -> layer.output().toString());
            network.input().toString();
            network.classNames().toString();
            if (network.parameters() < 0 || network.macs() < 0 || network.bytes() < 0) {
                throw new AssertionError("negative totals of " + network.description());
            }
            network.config(LayerSet.EMPTY, List.of()).toString();
            network.openWith(LayerSet.EMPTY);
            for (int i = 0; i < network.layers().size(); i++) {
                network.config(LayerSet.of(i), List.of()).toString();
            }
        }
    }
}
