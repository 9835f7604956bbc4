package dev.sglp.family.decoder.gpt;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.decoder.Common;
import dev.sglp.family.decoder.DecoderNames;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NetworkSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/// What networks with layer norms and tied embeddings share, whatever their fields are called.
final class GptCommon {
    private static final int WIDENING = 4;

    private GptCommon() {}

    /// Names of fields.
    ///
    /// @param inner width of a perceptron; four times the stream's where it is missing
    /// @param init  standard deviation of freshly drawn weights
    record Fields(String width, String layers, String heads, String inner, String context, String init) {}

    /// With as many key heads as query heads, which share the width.
    ///
    /// @param context positions where nothing says it
    /// @throws IOException where a field is missing or malformed
    static Common of(ConfigFields config, Fields fields, int context, double epsilon) throws IOException {
        int width = config.count(fields.width);
        var stream = new StreamSpec(width, NormSpec.Kind.LAYER, epsilon);
        return new Common(config, config.count("vocab_size"), stream, config.layers(fields.layers),
                stream.heads(config, fields.heads, config.count(fields.heads)),
                config.count(fields.inner, WIDENING * width), config.count(fields.context, context),
                config.flag("tie_word_embeddings", true), config.positive(fields.init, 0.02));
    }

    /// Attention whose one map gives each key head's queries, its key and its value after each other.
    ///
    /// @param at what stands before the names of its maps
    static AttentionSpec grouped(Common c, Heads heads, String at, boolean bias) {
        return c.stream().fused(heads, List.of(at + "query_key_value", at + "dense"), Order.GROUPS, bias);
    }

    /// The same block in each layer.
    ///
    /// @param last the norm behind the last layer
    static NetworkSpec network(Common c, DecoderNames names, NormSpec last, BlockSpec block) {
        var output = names.output().substring(0, names.output().lastIndexOf('.'));
        return new NetworkSpec(
                new NetworkSpec.Stem(names.base() + names.embedding(), c.vocabulary(), c.hidden()), names.layers(),
                Collections.nCopies(c.layers(), block),
                new NetworkSpec.Head(last, new LinearSpec(output, c.vocabulary(), c.hidden(), false), c.tied()),
                c.context(), c.initStd());
    }
}
