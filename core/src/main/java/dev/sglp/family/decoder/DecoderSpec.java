package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.model.LayerSet;
import dev.sglp.model.transformer.Rope;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// What is different between decoders of the Llama kind: everything the forward pass depends on.
///
/// @param size      how large it is
/// @param biases    which linear maps have one
/// @param headNorms whether queries and keys are RMS-normalised head by head before they are turned (Qwen3)
/// @param tied      whether the embedding is the output matrix too
/// @param rope      how positions turn queries and keys
/// @param windows   for each layer, how many positions a token sees, itself included; 0 for all before it
/// @param epsilon   of the RMS norms
/// @param initStd   standard deviation of freshly drawn weights
public record DecoderSpec(Size size, Biases biases, boolean headNorms, boolean tied, Rope rope, List<Integer> windows,
        double epsilon, double initStd) {
    static final String INIT_FIELD = "initializer_range";
    private static final double INIT_STD = 0.02;

    public DecoderSpec {
        windows = List.copyOf(windows);
    }

    /// @param hidden        width of the residual stream
    /// @param heads         query heads
    /// @param keyValueHeads key and value heads; each serves `heads / keyValueHeads` query heads
    /// @param headSize      width of a head, even
    /// @param intermediate  width of the gated MLP
    /// @param context       positions the network was made for
    public record Size(int vocabulary, int hidden, int layers, int heads, int keyValueHeads, int headSize,
            int intermediate, int context) {
        static Size of(ConfigFields config, Defaults otherwise) throws IOException {
            int hidden = config.count("hidden_size");
            int heads = config.count("num_attention_heads");
            int groups = config.names().contains("num_key_value_heads")
                    ? heads
                    : otherwise.keyValueHeads.orElse(heads);
            int head = otherwise.headSize.orElse(Math.max(1, hidden / heads));
            var size = new Size(config.count("vocab_size"), hidden, config.layers("num_hidden_layers"), heads,
                    config.count("num_key_value_heads", groups), config.count("head_dim", head),
                    config.count("intermediate_size"), config.count("max_position_embeddings", otherwise.context));
            if (heads % size.keyValueHeads != 0) {
                throw config.wrong("num_key_value_heads", "a divisor of the %d heads".formatted(heads),
                        size.keyValueHeads);
            }
            if (size.headSize % 2 != 0) {
                throw config.wrong("head_dim", "an even number", size.headSize);
            }
            return size;
        }

        /// Width of all query heads together.
        long queryWidth() {
            return (long) heads * headSize;
        }

        /// Width of all key heads together, and of all value heads.
        long keyValueWidth() {
            return (long) keyValueHeads * headSize;
        }
    }

    /// What transformers takes where a configuration does not say it.
    ///
    /// @param keyValueHeads empty for as many as there are query heads
    /// @param headSize      empty for the width divided by the heads
    /// @param context       positions the network was made for
    record Defaults(OptionalInt keyValueHeads, OptionalInt headSize, int context) {
        static final Defaults LLAMA = new Defaults(OptionalInt.empty(), OptionalInt.empty(), 1 << 11);
        static final Defaults MISTRAL = new Defaults(OptionalInt.of(8), OptionalInt.empty(), 1 << 17);
        static final Defaults QWEN2 = new Defaults(OptionalInt.of(32), OptionalInt.empty(), 1 << 15);
        static final Defaults QWEN3 = new Defaults(OptionalInt.of(32), OptionalInt.of(128), 1 << 15);
    }

    /// @param input  of the query, key and value maps
    /// @param output of the attention's output map
    /// @param mlp    of the three maps of the MLP
    public record Biases(boolean input, boolean output, boolean mlp) {
        static final Biases NONE = new Biases(false, false, false);
    }

    /// A decoder as most are: no biases, no head norms; `windows` for each layer.
    static DecoderSpec of(ConfigFields config, Size size, List<Integer> windows) throws IOException {
        config.oneOf("hidden_act", List.of("silu", "swish")); // two names of one function
        return new DecoderSpec(size, Biases.NONE, false, config.flag("tie_word_embeddings", false),
                RopeFields.of(config, size.headSize, size.context), windows, config.positive("rms_norm_eps", 1e-6),
                config.positive(INIT_FIELD, INIT_STD));
    }

    DecoderSpec with(Biases other) {
        return new DecoderSpec(size, other, headNorms, tied, rope, windows, epsilon, initStd);
    }

    DecoderSpec initialisedBy(double std) {
        return new DecoderSpec(size, biases, headNorms, tied, rope, windows, epsilon, std);
    }

    DecoderSpec without(LayerSet removed) {
        var kept = removed.others(windows.size()).stream().map(windows::get).toList();
        var smaller = new Size(size.vocabulary, size.hidden, kept.size(), size.heads, size.keyValueHeads, size.headSize,
                size.intermediate, size.context);
        return new DecoderSpec(smaller, biases, headNorms, tied, rope, kept, epsilon, initStd);
    }

    DecoderSpec withHeadNorms() {
        return new DecoderSpec(size, biases, true, tied, rope, windows, epsilon, initStd);
    }
}
