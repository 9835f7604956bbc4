package dev.sglp.family.vision.timm;

import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.Set;

/// What a `config.json` of timm gives to an architecture: `model_args`.
public final class TimmArguments {
    /// The field.
    public static final String NAME = "model_args";
    /// What its tensors show, or what matters to a training alone.
    private static final Set<String> READ = Set.of("num_classes", "in_chans", "global_pool", "drop_rate",
            "drop_path_rate");

    private TimmArguments() {}

    /// @param read others that its tensors show, or that are read
    /// @throws IOException where one is neither, and says anything but false or `null`
    public static void check(ConfigFields args, Set<String> read) throws IOException {
        for (var name : args.names()) {
            var value = args.value(name);
            if (!READ.contains(name) && !read.contains(name) && value.isPresent()
                    && !Boolean.FALSE.equals(value.get())) {
                throw args.wrong(name, "nothing that changes what layers compute and is not known", value.get());
            }
        }
    }
}
