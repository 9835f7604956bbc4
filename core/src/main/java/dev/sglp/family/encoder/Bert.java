package dev.sglp.family.encoder;

import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.regex.Pattern;

/// BERT and the many sentence encoders with its blocks (MiniLM, E5, BGE, GTE).
public final class Bert implements EncoderFamily {
    private static final Pattern CARRIED = Pattern
            .compile("(bert\\.)?pooler\\.dense\\.(weight|bias)|cls\\.(predictions|seq_relationship)\\..*");

    @Override
    public String name() {
        return "bert";
    }

    @Override
    public String title() {
        return "BERT";
    }

    @Override
    public String transformersClass() {
        return "Bert";
    }

    @Override
    public String source() {
        return "Devlin 2018, arXiv 1810.04805";
    }

    @Override
    public String base() {
        return "bert.";
    }

    @Override
    public String table() {
        return "embeddings.word_embeddings.weight";
    }

    @Override
    public EncoderSpec.Masked masked(ConfigFields config) throws IOException {
        var common = PostNorm.bert(config);
        return common.masked("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
                "cls.predictions.decoder", "cls.predictions.bias", common.activation());
    }

    @Override
    public Pattern carried() {
        return CARRIED;
    }

    @Override
    public EncoderSpec spec(ConfigFields config, String base) throws IOException {
        return PostNorm.bert(config).network(base, "encoder.layer.", config.count("type_vocab_size", 2), 0);
    }
}
