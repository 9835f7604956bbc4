package dev.sglp.cli.text;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.family.Architecture;
import dev.sglp.fault.UsageException;
import dev.sglp.surgery.ShardedWriter;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How large a file of weights may be.
@Under(Heading.OUTPUT)
public final class ShardOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?(?:([KMGTkmgt])(i?)B)?");
    private static final String UNITS = "KMGT";

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

    /// Decimal units (`5GB` is 5,000,000,000 bytes) and binary ones (`5GiB`), as Hugging Face reads them; a number alone is bytes.
    static long bytes(String size) {
        var match = SIZE.matcher(size);
        if (match.matches()) {
            long base = "i".equals(match.group(3)) ? 1024 : 1000;
            int power = match.group(2) == null ? 0 : 1 + UNITS.indexOf(match.group(2).toUpperCase(Locale.ROOT));
            var bytes = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(base).pow(power)).toBigInteger();
            if (bytes.signum() > 0 && bytes.bitLength() < Long.SIZE) {
                return bytes.longValueExact();
            }
        }
        throw new UsageException(
                "--max-shard-size is a number of bytes of at least 1, or of KB, MB, GB, TB, KiB, MiB, GiB or TiB, for instance 5GB; got '%s'"
                        .formatted(size));
    }
}
