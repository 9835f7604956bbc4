package dev.sglp.cli.tuning;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The flags behind the fields of settings, for what is told of two that differ.
final class SettingFlags {
    private static final Map<String, String> FLAGS = Map.ofEntries(Map.entry("epochs", "--epochs"),
            Map.entry("batchSize", "--batch-size"), Map.entry("batchTokens", "--batch-tokens"),
            Map.entry("threads", "--threads"), Map.entry("optimizer", "--optimizer"),
            Map.entry("momentum", "--momentum"), Map.entry("peak", "--learning-rate"),
            Map.entry("warmUp", "--warm-up"), Map.entry("shape", "--schedule"),
            Map.entry("weightDecay", "--weight-decay"), Map.entry("labelSmoothing", "--label-smoothing"),
            Map.entry("clipNorm", "--clip-norm"), Map.entry("padding", "--no-augment"),
            Map.entry("mirror", "--no-augment"), Map.entry("seed", "--seed"), Map.entry("weightSeed", "--weight-seed"),
            Map.entry("heal", "--heal"), Map.entry("repair", "--repair"),
            Map.entry("ridge", "--repair-ridge"), Map.entry("gaps", "--repair-gaps"),
            Map.entry("temperature", "--temperature"), Map.entry("distilWeight", "--distil-weight"),
            Map.entry("remove", "--remove"), Map.entry("ratio", "--ratio"), Map.entry("k", "--segments"),
            Map.entry("method", "--method"), Map.entry("criterion", "--criterion"), Map.entry("quota", "--quota"),
            Map.entry("draws", "--draws"), Map.entry("candidates", "--candidates"), Map.entry("verify", "--verify"),
            Map.entry("polish", "--polish"),
            Map.entry("decide", "--decide"),
            Map.entry("kernel", "--kernel"), Map.entry("estimator", "--cka"),
            Map.entry("bandwidth", "--cka-bandwidth"), Map.entry("latency", "--no-latency"),
            Map.entry("diagnosis", "--no-diagnosis"), Map.entry("maxSteps", "--max-steps"),
            Map.entry("minutes", "--minutes"), Map.entry("pack", "--pack"),
            Map.entry("distilHidden", "--distil-hidden"), Map.entry("distilLayers", "--distil-layers"),
            Map.entry("dtype", "--dtype"), Map.entry("secondLook", "--second-look"), Map.entry("writeAs", "--write-as"),
            Map.entry("absence", "--criterion"), Map.entry("reading", "--reading"), Map.entry("form", "--reading"),
            Map.entry("norm", "--norm"), Map.entry("scope", "--scope"), Map.entry("kept", "--protect"));

    /// They follow from others.
    private static final Set<String> SILENT = Set.of("nesterov", "beta1", "beta2", "epsilon", "target", "pass",
            "statistics", "precision", "places", "batches", "count", "images", "windows");

    /// Flags without a value, with the field's value that they mean.
    private static final Map<String, String> SWITCHES = Map.of("padding", "0", "mirror", "false", "latency", "false",
            "diagnosis", "false", "gaps", "true");

    /// What the user types for what is called otherwise inside; all others in small letters.
    private static final Map<String, String> VALUES = Map.ofEntries(Map.entry("Steps", "step"),
            Map.entry("SglpMethod", "sglp"), Map.entry("OneShot", "one-shot"), Map.entry("OnePass", "one-pass"),
            Map.entry("LossWhenAbsent", "loss"),
            Map.entry("BlockInfluence", "block-influence"), Map.entry("RandomChoice", "random"),
            Map.entry("NoRepair", "none"),
            Map.entry("REINIT", "gradnorm"), Map.entry("IDENTITY", "gradnorm-skip"),
            Map.entry("Letter", "gradnorm --reading letter"), Map.entry("RESET", "letter"),
            Map.entry("ACCUMULATED", "letter-accumulated"));

    private SettingFlags() {}

    static boolean knows(String field) {
        return FLAGS.containsKey(field);
    }

    /// Whether it tells nothing that another field does not.
    static boolean isSilent(String field) {
        return SILENT.contains(field);
    }

    /// `--learning-rate 0.01`
    static String typed(String field, String value) {
        return "%s %s".formatted(FLAGS.get(field), value(field, value));
    }

    /// `--learning-rate 0.01 there, 0.5 asked for`
    static String differ(String field, String there, String asked) {
        var meaning = SWITCHES.get(field);
        if (meaning != null) {
            return FLAGS.get(field) + (there.equals(meaning) ? " there, not asked for" : " asked for, not there");
        }
        return "%s there, %s asked for".formatted(typed(field, there), value(field, asked));
    }

    private static String value(String field, String value) {
        if (field.equals("kept")) {
            return value.replace('+', ',');
        }
        if ((field.equals("maxSteps") || field.equals("batchTokens")) && value.equals("0")) {
            return "none";
        }
        return field.equals("k") && value.equals("0") // as many as the loss curve says
                ? "auto"
                : VALUES.getOrDefault(value, value.toLowerCase(Locale.ROOT));
    }
}
