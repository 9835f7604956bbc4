package dev.sglp.cli.tuning;

import dev.sglp.checkpoint.OutputFormat;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Where a network is written, and in which form.
public final class OutputOptions {
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the files go")
    private Path out;

    @Option(names = "--format", description = "of the weights: safetensors, or pth, a plain state dict in DIR/model.pth for torch.load (default: safetensors, whatever the input is)")
    private OutputFormat format = OutputFormat.SAFETENSORS;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public OutputOptions() {}

    public Place place() {
        return new Place(out, format);
    }

    /// A directory for a network.
    public record Place(Path directory, OutputFormat format) {
        public static Place of(Path directory) {
            return new Place(directory, OutputFormat.SAFETENSORS);
        }
    }
}
