package dev.sglp.cli.tuning;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.surgery.ShardedWriter;
import dev.sglp.surgery.WriteAs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Where a network is written, and in which form.
@Under(Heading.OUTPUT)
public final class OutputOptions {
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the files go")
    private Path out;

    @Option(names = "--format", paramLabel = "NAME", description = "of the weights: safetensors, or pth, a plain state dict in DIR/model.pth for torch.load (default: safetensors, whatever the input is)")
    private OutputFormat format = OutputFormat.SAFETENSORS;

    @Mixin(name = "types")
    private TypeOptions types;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public OutputOptions() {}

    public Place place() {
        return new Place(out, format, ShardedWriter.SHARD_BYTES, types.as());
    }

    /// @throws IOException where a pruned network lies there, whose report and plan would be replaced by others
    public static void checkOwn(Path directory) throws IOException {
        if (Files.exists(directory.resolve("prune.json"))) {
            throw new IOException(
                    "[%s] holds a pruned network (prune.json), whose report would be replaced. Choose another --out"
                            .formatted(directory));
        }
    }

    /// A directory for a network.
    ///
    /// @param shard most bytes of a file of a language model's weights
    /// @param as    element types of the weights
    public record Place(Path directory, OutputFormat format, long shard, WriteAs as) {
        public static Place of(Path directory) {
            return new Place(directory, OutputFormat.SAFETENSORS, ShardedWriter.SHARD_BYTES, WriteAs.SAME);
        }

        /// The same in shards of at most so many bytes.
        public Place sharded(long bytes) {
            return new Place(directory, format, bytes, as);
        }
    }
}
