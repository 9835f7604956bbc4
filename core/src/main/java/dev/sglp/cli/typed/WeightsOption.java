package dev.sglp.cli.typed;

import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which of a file's networks is meant.
public final class WeightsOption {
    @Option(names = "--weights", paramLabel = "KEY", description = "which network of a file that holds several, for instance a model and its average (model_ema); without it such a file is refused, with the keys it has")
    private @Nullable String key;

    public WeightsOption() {}

    /// @throws IOException              where the file cannot be read, or holds several networks and no key is given
    /// @throws dev.sglp.fault.UsageException where there is none of this key
    public ModelFile open(Path path) throws IOException {
        return ModelFile.open(path, Optional.ofNullable(key));
    }
}
