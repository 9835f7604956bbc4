package dev.sglp.family.vision.timm;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.model.transformer.mixer.Activation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What of a network of timm neither its tensors nor its configuration say: it lies in the code behind the architecture's name.
///
/// @param heads      of each attention
/// @param epsilon    of the norms
/// @param activation of the perceptrons
record TimmTraits(int heads, double epsilon, Activation activation) {
    private static final Pattern KNOWN = Pattern.compile("(vit|deit|deit3|beit3|eva_large|flexivit|test)_.*");
    /// Blocks whose tensors have the usual names, but compute something else.
    private static final Pattern OTHERS = Pattern.compile(".*(_rpn_|_rope|_parallel|_diff).*");
    private static final Pattern TANH = Pattern.compile(
            "vit_(base_patch32|giantopt_patch16|so400m_patch16)_siglip.*|vit_large_patch16_siglip.*_512");
    private static final Map<String, Activation> ACTIVATIONS = Map.of("gelu", Activation.GELU, "gelu_tanh",
            Activation.GELU_TANH, "quick_gelu", Activation.QUICK_GELU, "relu", Activation.RELU, "silu",
            Activation.SILU);
    /// Heads of networks whose heads have not 64 numbers, by the width.
    private static final Map<Integer, Integer> HEADS = Map.of(1152, 16, 1280, 16, 1408, 16, 1664, 16);
    /// Widths that names stand for.
    private static final Map<String, Integer> WIDTHS = Map.of("tiny", 192, "small", 384, "base", 768, "large", 1024,
            "huge", 1280);
    private static final Pattern SIZE = Pattern.compile("[a-z0-9]+_(tiny|small|base|large|huge)_(?!.*plus).*");
    private static final int HEAD = 64;
    private static final int TEST_HEAD = 32;

    /// @param args  what was given to the architecture: `model_args`
    /// @param width of the residual stream
    /// @throws IOException where its code is not known here
    static TimmTraits of(String architecture, ConfigFields args, ConfigFields config, int width) throws IOException {
        if (!KNOWN.matcher(architecture).matches() || OTHERS.matcher(architecture).matches()) {
            throw config.wrong("architecture",
                    "a plain vision transformer of timm (vit_…, deit_…, deit3_…, beit3_…)", architecture);
        }
        int heads = args.count("num_heads", heads(architecture, width));
        boolean coarse = architecture.contains("_clip_") || architecture.startsWith("beit3_");
        return new TimmTraits(heads, coarse ? 1e-5 : 1e-6, activation(architecture, args));
    }

    /// An architecture of another width than its name stands for has other heads than are taken here.
    ///
    /// @throws IOException where `model_args` do not say what its code says otherwise
    static void checkWidth(String architecture, ConfigFields args, int width) throws IOException {
        args.mustBe("embed_dim", (Object) width, "by its tensors");
        var size = SIZE.matcher(architecture);
        if (!size.matches() || WIDTHS.get(size.group(1)) == width) {
            return;
        }
        for (var name : List.of("embed_dim", "num_heads")) {
            if (args.value(name).isEmpty()) {
                throw args.missing(name, "a number: the width is %d, and timm's %s has %d".formatted(width,
                        architecture, WIDTHS.get(size.group(1))));
            }
        }
    }

    private static int heads(String architecture, int width) {
        if (architecture.equals("vit_base_patch16_gap_224")) {
            return 16;
        }
        int size = architecture.startsWith("test_") ? TEST_HEAD : HEAD;
        boolean sixteen = architecture.startsWith("vit_giantopt_");
        return sixteen ? 16 : HEADS.getOrDefault(width, Math.max(1, width / size));
    }

    private static Activation activation(String architecture, ConfigFields args) throws IOException {
        var named = args.value("act_layer");
        if (named.isPresent()) {
            if (ACTIVATIONS.get(named.get()) instanceof Activation found) {
                return found;
            }
            throw args.wrong("act_layer", "one of " + ACTIVATIONS.keySet().stream().sorted().toList(), named.get());
        }
        if (architecture.contains("quickgelu")) {
            return Activation.QUICK_GELU;
        }
        return TANH.matcher(architecture).matches() ? Activation.GELU_TANH : Activation.GELU;
    }
}
