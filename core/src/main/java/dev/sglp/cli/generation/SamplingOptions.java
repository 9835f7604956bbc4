package dev.sglp.cli.generation;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Sampling;
import dev.sglp.tensor.DType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How tokens are chosen, and what in.
@Under(Heading.GENERATION)
final class SamplingOptions {
    @Option(names = "--temperature", paramLabel = "T", description = "what logits are divided by before a token is drawn; 0: the likeliest token is taken (default: 0, selfdata 1)")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "draw from the K likeliest tokens; 0: from all (default: 0, selfdata 50)")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "draw from the fewest tokens that have this probability together; 1: from all (default: 1)")
    private double topP = 1;

    @Option(names = "--dtype", paramLabel = "T", description = "float32 or bfloat16: what weights and activations are kept in while text is written (default: float32)")
    private String dtype = "float32";

    @SuppressWarnings("NullAway") // picocli fills the fields
    SamplingOptions() {}

    /// @param usual where the user does not say
    Sampling sampling(Sampling usual, long seed, Given given) {
        var sampling = new Sampling(temperature == null ? usual.temperature() : temperature,
                topK == null ? usual.topK() : topK, topP, seed);
        if (sampling.greedy()) {
            given.refuse("says what is drawn from, and at temperature 0 the likeliest token is taken", "--top-k",
                    "--top-p", "--seed");
        }
        return sampling;
    }

    DType type() {
        return switch (dtype.toLowerCase(Locale.ROOT)) {
            case "float32", "f32" -> DType.F32;
            case "bfloat16", "bf16" -> DType.BF16;
            default -> throw new UsageException("--dtype is float32 or bfloat16, got '%s'".formatted(dtype));
        };
    }
}
