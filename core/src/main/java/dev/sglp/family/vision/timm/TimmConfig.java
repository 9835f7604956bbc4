package dev.sglp.family.vision.timm;

import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A `config.json` of timm.
///
/// @param all    the whole
/// @param args   what is given to the architecture
/// @param images what pretrained weights were made with: size of images, mean, deviation
record TimmConfig(ConfigFields all, ConfigFields args, ConfigFields images) {
    /// What its tensors show, or what is read of it.
    private static final Set<String> READ = Set.of("img_size", "patch_size", "embed_dim", "depth", "num_heads",
            "mlp_ratio", "qkv_bias", "qk_norm", "proj_bias", "init_values",
            "class_token", "no_embed_class", "reg_tokens", "pre_norm", "final_norm", "fc_norm", "pool_include_prefix",
            "dynamic_img_size", "act_layer", "weight_init", "fix_init", "strict_img_size", "pos_drop_rate",
            "patch_drop_rate", "proj_drop_rate", "attn_drop_rate");

    /// Old files have all of it in one object.
    static TimmConfig of(String file, Map<String, Object> values) throws IOException {
        var all = new ConfigFields(file, values);
        var args = all.object(TimmArguments.NAME).orElseGet(() -> new ConfigFields(file, Map.of()));
        TimmArguments.check(args, READ);
        return new TimmConfig(all, args, all.object("pretrained_cfg").orElse(all));
    }

    /// Its name; empty for a file alone.
    Optional<String> architecture() {
        return all.value("architecture").map(String::valueOf);
    }

    /// Asked where the file has no classifier.
    ///
    /// @param distilled whether a second token is read
    /// @throws IOException where it says that there is one
    void checkUnclassified(boolean distilled) throws IOException {
        for (var fields : List.of(all, args)) {
            var classes = fields.value("num_classes");
            if (classes.isPresent() && !classes.get().equals(0)) {
                throw fields.wrong("num_classes", "0, since the file has no tensor 'head.weight'", classes.get());
            }
        }
        if (distilled) {
            throw all.wrong("num_classes",
                    "a classifier, head.weight: without one the mean of two tokens is read, which is not known here",
                    0);
        }
    }

    /// What is pooled; empty where nobody says it.
    Optional<String> pooling() {
        return all.value("global_pool").or(() -> args.value("global_pool")).map(String::valueOf);
    }

    /// Height and width of the images; empty where nobody says it.
    Optional<int[]> size() throws IOException {
        var given = args.value("img_size");
        if (given.isPresent() && !(given.get() instanceof List)) {
            int side = args.count("img_size");
            return Optional.of(new int[]{side, side});
        }
        var list = given.isPresent() ? args.list("img_size") : images.list("input_size");
        if (list.isEmpty()) {
            return Optional.empty();
        }
        var sides = list.subList(Math.max(0, list.size() - 2), list.size());
        if (sides.size() < 2
                || !sides.stream().allMatch(s -> s instanceof Integer side && side > 0 && side < 1 << 16)) {
            throw images.wrong("input_size", "channels, height and width", list);
        }
        return Optional.of(new int[]{(Integer) sides.getFirst(), (Integer) sides.getLast()});
    }

    /// Names of the classes, or none where it does not name as many.
    List<String> labels(int classes) throws IOException {
        var found = all.list("label_names").isEmpty() ? images.list("label_names") : all.list("label_names");
        return found.size() == classes ? found.stream().map(String::valueOf).toList() : List.of();
    }
}
