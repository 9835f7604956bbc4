package dev.sglp.family.vision.transformers;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.Activations;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Head;
import dev.sglp.family.vision.VisionSpec.Read;
import dev.sglp.family.vision.transformers.TransformersVision.Header;
import dev.sglp.family.vision.VisionSpec.Stem;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/// What vision transformers of the library transformers say in the same fields, and the names that they give their tensors.
///
/// @param base     what stands before the names of its tensors but the classifier's: for instance `vit.`, or nothing
/// @param bias     whether queries, keys and values have biases
/// @param height   pixels of the images that positions were made for
/// @param width    pixels of the images that positions were made for
/// @param initStd  standard deviation of freshly drawn weights
record VitFields(ConfigFields config, String base, StreamSpec stream, Heads heads, boolean bias, Activation activation,
        Cut cut, int height, int width, double initStd) {
    /// What may follow the last norm.
    static final String POOLER = "pooler.dense";
    /// Fields that do not change what layers compute.
    private static final String[] HARMLESS = {"transformers_version", "torch_dtype", "dtype", "_name_or_path",
            "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "id2label", "label2id",
            "num_labels", "problem_type", "encoder_stride", "pooler_act", "pooler_output_size", "hidden_dropout_prob",
            "attention_probs_dropout_prob", "output_attentions", "output_hidden_states", "drop_path_rate"};

    /// @param base    what stands before its tensors
    /// @param epsilon of the norms where the configuration does not say it
    static VitFields of(ConfigFields config, String base, double epsilon) throws IOException {
        config.harmless(HARMLESS);
        int hidden = config.count("hidden_size", 768);
        var stream = new StreamSpec(hidden, NormSpec.Kind.LAYER, config.positive("layer_norm_eps", epsilon));
        var heads = stream.heads(config, "num_attention_heads", config.count("num_attention_heads", 12));
        var image = sides(config, "image_size", 224);
        var patch = sides(config, "patch_size", 16);
        if (patch[0] > image[0] || patch[1] > image[1]) {
            throw config.wrong("patch_size", "no more than the image's %d".formatted(image[0]), patch[0]);
        }
        int channels = config.count("num_channels", 3);
        return new VitFields(config, base, stream, heads, config.flag("qkv_bias", true),
                Activations.of(config, "hidden_act", "gelu"),
                new Cut(base + "embeddings.patch_embeddings.projection", hidden, channels, patch[0], patch[1], true),
                image[0], image[1], config.positive("initializer_range", 0.02));
    }

    /// A number, or height and width.
    private static int[] sides(ConfigFields config, String name, int otherwise) throws IOException {
        if (config.value(name).orElse(otherwise) instanceof List<?> two && two.size() == 2
                && two.stream().allMatch(n -> n instanceof Integer side && side > 0 && side < 1 << 16)) {
            return new int[]{(Integer) two.getFirst(), (Integer) two.getLast()};
        }
        int side = config.count(name, otherwise);
        return new int[]{side, side};
    }

    /// What its images are where no other file says it.
    Image image() {
        var usual = Collections.nCopies(Math.toIntExact(cut.channels()), .5);
        return new Image(Math.toIntExact(cut.channels()), height, width, usual, usual);
    }

    /// Tokens before the patches, then positions for all that have one.
    Stem stem(Kernel kernel, Token... tokens) {
        var grid = cut.grid(height, width);
        return Stem.of(cut, grid, List.of(tokens), new Table(base + "embeddings.position_embeddings", grid, kernel));
    }

    /// A learned token.
    Token token(String name, int count, boolean positioned) {
        return new Token(base + "embeddings." + name, count, positioned);
    }

    /// Width of the residual stream.
    int hidden() {
        return stream.width();
    }

    /// What stands before a layer's number.
    String prefix() {
        return base + "encoder.layer.";
    }

    /// With its classifiers, all of them where the file has one. Where it has none, an image means what its pooler makes of the
    /// class token, or the token.
    ///
    /// @param pooling what classifiers read
    Head head(Header header, Pooling pooling, String... classifiers) throws IOException {
        var norm = stream.norm(base + "layernorm");
        if (Stream.of(classifiers).noneMatch(header::has)) {
            return new Head(norm, embedding(header), NormSpec.NONE, List.of(), Answer.EMBEDDING);
        }
        return new Head(norm, pooling, NormSpec.NONE, Stream.of(classifiers)
                .map(n -> new LinearSpec(n, header.classes(), (long) pooling.times() * hidden(), true)).toList());
    }

    private Read embedding(Header header) throws IOException {
        if (!header.has(base + POOLER)) {
            return new Read.Of(Pooling.CLASS_TOKEN);
        }
        config.mustBe("pooler_act", "tanh", "other poolers are not known");
        return new Read.Bent(
                new LinearSpec(base + POOLER, config.count("pooler_output_size", hidden()), hidden(), true));
    }

    /// Every token sees every other.
    AttentionSpec attention() {
        var at = "attention.attention.";
        return stream
                .apart(heads, List.of(at + "query", at + "key", at + "value", "attention.output.dense"), bias, true)
                .seeing(Mask.Sight.all());
    }

    MlpSpec mlp(String up, String down, int width) {
        return stream.plain(List.of(up, down), width, true, activation);
    }
}
