package dev.sglp.family.decoder;

import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.RopeFields;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MixerSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Rope;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// What nearly all decoders say in the same fields, and the names that most give their tensors: Llama's.
///
/// @param intermediate width of a perceptron
/// @param context      positions the network was made for
/// @param tied         whether the embedding is the output matrix too
/// @param initStd      standard deviation of freshly drawn weights
public record Common(ConfigFields config, int vocabulary, StreamSpec stream, int layers, Heads heads, int intermediate,
        int context, boolean tied, double initStd) {
    /// What transformers takes where a configuration does not say it.
    ///
    /// @param keyValueHeads empty for as many as there are query heads
    /// @param headSize      empty for the width divided by the heads
    /// @param context       positions the network was made for
    /// @param tied          whether the embedding is the output matrix too
    public record Defaults(OptionalInt keyValueHeads, OptionalInt headSize, int context, boolean tied) {
        /// As most have it.
        public static Defaults of(int context) {
            return new Defaults(OptionalInt.empty(), OptionalInt.empty(), context, false);
        }

        public Defaults keyValueHeads(int number) {
            return new Defaults(OptionalInt.of(number), headSize, context, tied);
        }

        public Defaults headSize(int size) {
            return new Defaults(keyValueHeads, OptionalInt.of(size), context, tied);
        }

        /// Tied where the configuration does not say otherwise.
        public Defaults tiedByDefault() {
            return new Defaults(keyValueHeads, headSize, context, true);
        }
    }

    /// Of a network with RMS norms and the usual names of fields.
    ///
    /// @throws IOException where a field is missing or malformed
    public static Common of(ConfigFields config, Defaults otherwise) throws IOException {
        return of(config, otherwise, NormSpec.Kind.RMS, config.positive("rms_norm_eps", 1e-6));
    }

    /// Of a network with other norms.
    ///
    /// @throws IOException where a field is missing or malformed
    public static Common of(ConfigFields config, Defaults otherwise, NormSpec.Kind norm, double epsilon)
            throws IOException {
        int hidden = config.count("hidden_size");
        return new Common(config, config.count("vocab_size"), new StreamSpec(hidden, norm, epsilon),
                config.layers("num_hidden_layers"), heads(config, hidden, otherwise),
                config.count("intermediate_size"), config.count("max_position_embeddings", otherwise.context),
                config.flag("tie_word_embeddings", otherwise.tied), initStd(config));
    }

    private static Heads heads(ConfigFields config, int hidden, Defaults otherwise) throws IOException {
        int heads = config.count("num_attention_heads");
        int groups = config.names().contains("num_key_value_heads")
                ? heads
                : otherwise.keyValueHeads.orElse(heads);
        int head = otherwise.headSize.orElse(Math.max(1, hidden / heads));
        var all = new Heads(heads, config.count("num_key_value_heads", groups), config.count("head_dim", head));
        if (heads % all.key() != 0) {
            throw config.wrong("num_key_value_heads", "a divisor of the %d heads".formatted(heads), all.key());
        }
        if (all.size() % 2 != 0) {
            throw config.wrong("head_dim", "an even number", all.size());
        }
        return all;
    }

    /// The standard deviation of freshly drawn weights.
    public static double initStd(ConfigFields config) throws IOException {
        return config.positive(DecoderFamily.INIT_FIELD, DecoderFamily.INIT_STD);
    }

    /// How positions turn queries and keys: all numbers of a head.
    public Rope rope() throws IOException {
        return turning().rope();
    }

    /// Where the configuration says that.
    public RopeFields turning() {
        return RopeFields.whole(config, heads.size(), context);
    }

    public Activation activation() throws IOException {
        return Activations.of(config, "hidden_act", "silu");
    }

    /// Width of the residual stream.
    public int hidden() {
        return stream.width();
    }

    /// A norm of the stream.
    public NormSpec norm(String name) {
        return stream.norm(name);
    }

    /// `self_attn` with a map for queries, one for keys, one for values.
    ///
    /// @param input  whether those have biases
    /// @param output whether the output map has one
    public AttentionSpec attention(boolean input, boolean output) {
        return attention("self_attn.o_proj", input, output);
    }

    /// The same whose output map has another name.
    public AttentionSpec attention(String out, boolean input, boolean output) {
        return stream.apart(heads, List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", out), input,
                output);
    }

    /// Norms of each query and key head.
    public Norms headNorms() {
        return stream.eachHead(heads, "self_attn.q_norm", "self_attn.k_norm");
    }

    /// `mlp` with a gate.
    public MlpSpec gated(boolean bias, Activation activation) {
        return gated("mlp.", intermediate, bias, activation);
    }

    /// A perceptron with a gate.
    ///
    /// @param at what stands before the names of its maps
    public MlpSpec gated(String at, int width, boolean bias, Activation activation) {
        return stream.gated(List.of(at + "gate_proj", at + "up_proj", at + "down_proj"), width, bias, activation);
    }

    /// A perceptron without a gate.
    ///
    /// @param in  name of its first map
    /// @param out name of its second one
    public MlpSpec plain(String in, String out, boolean bias, Activation activation) {
        return stream.plain(List.of(in, out), intermediate, bias, activation);
    }

    /// Norms before attention and perceptron.
    public BlockSpec block(AttentionSpec attention, MixerSpec mlp) {
        return BlockSpec.of(stream.normed("input_layernorm", attention),
                stream.normed("post_attention_layernorm", mlp));
    }

    /// One norm, then attention and perceptron side by side.
    public BlockSpec sideBySide(AttentionSpec attention, MixerSpec mlp) {
        return BlockSpec.sideBySide(stream.normed("input_layernorm", attention),
                stream.normed("input_layernorm", mlp));
    }

    /// The network with Llama's ends.
    public NetworkSpec network(List<BlockSpec> blocks) {
        return new NetworkSpec(new NetworkSpec.Stem("model.embed_tokens.weight", vocabulary, hidden()), "model.layers.",
                blocks, new NetworkSpec.Head(norm("model.norm"), new LinearSpec("lm_head", vocabulary, hidden(), false),
                        tied),
                context, initStd);
    }
}
