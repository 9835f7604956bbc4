package dev.sglp.cli.text;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.ByteSize;
import dev.sglp.family.Architecture;
import dev.sglp.fault.UsageException;
import dev.sglp.surgery.ShardedWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How large a file of weights may be.
@Under(Heading.OUTPUT)
public final class ShardOptions {
    @Option(names = "--max-shard-size", paramLabel = "SIZE", description = "language models: most bytes of tensors in a file, for instance 5GB, 500MB or 2GiB; a model that fits is one model.safetensors, else shards with an index (default: 5GB)")
    private @Nullable String most;

    public ShardOptions() {}

    /// Most bytes of a shard.
    ///
    /// @throws UsageException where the flag says no size, or the network is not a language model
    public long bytes(Architecture network) {
        if (most == null) {
            return ShardedWriter.SHARD_BYTES;
        }
        if (!network.directory()) {
            throw new UsageException(
                    "--max-shard-size is for language models; a %s is written as one file".formatted(
                            network.description()));
        }
        return bytes(most);
    }

    static long bytes(String size) {
        return ByteSize.of(size).orElseThrow(() -> new UsageException(
                "--max-shard-size is a number of bytes of at least 1, or of KB, MB, GB, TB, KiB, MiB, GiB or TiB, for instance 5GB; got '%s'"
                        .formatted(size)));
    }
}
