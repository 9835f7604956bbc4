package dev.sglp.demo;

import dev.sglp.data.DataSpec;
import dev.sglp.data.image.Normalisation;
import dev.sglp.output.AtomicFile;
import dev.sglp.surgery.Surgeon;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A small trained network that lies in the program itself (`demo --train` makes it again), and the images it knows.
public final class DemoNetwork {
    static final Normalisation NORMALISATION = new Normalisation(List.of(.5, .5, .5), List.of(.25, .25, .25));

    private DemoNetwork() {}

    /// The shapes it was trained on, drawn by the program.
    public static DataSpec data() {
        return DataSpec.parse("glyphs:");
    }

    /// Copies `config.json` and `model.safetensors` into a directory, which is made where it is missing.
    ///
    /// @return the directory
    public static Path copyTo(Path directory) throws IOException {
        for (var name : List.of(Surgeon.CONFIG, Surgeon.WEIGHTS)) {
            try (var in = DemoNetwork.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException("[%s] is missing in this build of sglp. 'sglp demo --train' makes it"
                            .formatted(name));
                }
                AtomicFile.write(directory.resolve(name), in.readAllBytes());
            }
        }
        return directory;
    }
}
