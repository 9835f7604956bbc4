package dev.sglp.family.decoder.experts;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What configurations say of experts.
final class Sparse {
    private static final String STEP = "decoder_sparse_step";
    private static final String DENSE = "mlp_only_layers";

    private Sparse() {}

    /// How many experts a token asks.
    ///
    /// @param experts how many there are
    static int top(ConfigFields config, int otherwise, int experts) throws IOException {
        int top = config.count("num_experts_per_tok", otherwise);
        if (top > experts) {
            throw config.wrong("num_experts_per_tok", "at most the %d experts".formatted(experts), top);
        }
        return top;
    }

    /// For each layer whether it has experts, as Qwen writes it: every `decoder_sparse_step`-th but those of `mlp_only_layers`.
    static List<Boolean> layers(ConfigFields config, int layers) throws IOException {
        int step = config.count(STEP, 1);
        var dense = config.numbers(DENSE, List.of());
        return IntStream.range(0, layers).mapToObj(i -> (i + 1) % step == 0 && !dense.contains((double) i)).toList();
    }

    /// The same of the layers that stay, by their new numbers; nothing where all have experts.
    static Map<String, Object> rewritten(NetworkSpec spec, List<Integer> kept) {
        if (spec.blocks().stream().allMatch(Sparse::sparse)) {
            return Map.of();
        }
        return Map.of(STEP, 1, DENSE,
                IntStream.range(0, kept.size()).filter(i -> !sparse(spec.blocks().get(kept.get(i)))).boxed().toList());
    }

    private static boolean sparse(BlockSpec block) {
        return block.experts().isPresent();
    }
}
