package dev.sglp.family.encoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.model.transformer.mixer.Activation;
import java.io.IOException;
import java.util.regex.Pattern;

/// RoBERTa: positions are counted from behind the row of padding.
///
/// @param title            for people
/// @param transformersClass what stands before the class names in transformers
public record Roberta(String name, String title, String transformersClass, String source) implements EncoderFamily {
    /// RoBERTa itself.
    public static final Roberta ENGLISH = new Roberta("roberta", "RoBERTa", "Roberta", "Liu 2019, arXiv 1907.11692");
    /// XLM-RoBERTa: the same, of many languages.
    public static final Roberta MULTILINGUAL = new Roberta("xlm-roberta", "XLM-RoBERTa", "XLMRoberta",
            "Conneau 2019, arXiv 1911.02116");
    private static final Pattern CARRIED = Pattern.compile("(roberta\\.)?pooler\\.dense\\.(weight|bias)|lm_head\\..*");

    @Override
    public String base() {
        return "roberta.";
    }

    @Override
    public String table() {
        return "embeddings.word_embeddings.weight";
    }

    @Override
    public EncoderSpec.Masked masked(ConfigFields config) throws IOException {
        return PostNorm.bert(config).masked("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias",
                Activation.GELU);
    }

    @Override
    public Pattern carried() {
        return CARRIED;
    }

    @Override
    public EncoderSpec spec(ConfigFields config, String base) throws IOException {
        var common = PostNorm.bert(config);
        return common.network(base, "encoder.layer.", config.count("type_vocab_size", 2), 1 + padding(config));
    }

    private static int padding(ConfigFields config) throws IOException {
        var value = config.value("pad_token_id").orElse(1);
        if (!(value instanceof Integer token) || token < 0) {
            throw config.wrong("pad_token_id", "a token", value);
        }
        return token;
    }
}
