package dev.sglp.cli;

import dev.sglp.demo.DemoTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The whole method on what the project brings along.
@Command(name = "demo", description = "The whole method on a network and images that the project made itself: nothing else is needed.")
final class DemoCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Option(names = "--out", paramLabel = "DIR", description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("demo-out");

    @Option(names = "--train", description = "train the embedded network again, into DIR/dense (about ten minutes on two cores)")
    private boolean train;

    @SuppressWarnings("NullAway") // picocli fills the fields
    DemoCommand() {}

    @Override
    public Integer call() throws IOException {
        if (train) {
            var progress = common.start("Training the demo's network on drawn shapes");
            DemoTraining.standard().run(out.resolve("dense"), common.threads(), progress);
            return 0;
        }
        throw new IOException("not yet");
    }
}
