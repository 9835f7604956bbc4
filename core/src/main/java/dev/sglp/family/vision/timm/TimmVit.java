package dev.sglp.family.vision.timm;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.vision.VisionHeader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Vision transformers of timm: ViT (Dosovitskiy 2020, arXiv 2010.11929), DeiT with or without a distillation token (Touvron
/// 2020, arXiv 2012.12877), DeiT III, with register tokens or means of patches. A folder with timm's `config.json`, or a file
/// alone.
public final class TimmVit implements Family {
    static final String NAME = "timm-vit";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String source() {
        return "Dosovitskiy et al. 2020, arXiv 2010.11929; Wightman, timm";
    }

    @Override
    public List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return NetworkPlace.prefixes("patch_embed.proj.weight", names).stream().filter(at -> isOne(at, names, config))
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    /// Without stages. One without a classifier may be of any library where a configuration lies beside it that is not timm's.
    private static boolean isOne(String at, Set<String> names, Map<String, Object> config) {
        boolean tokens = names.contains(at + "cls_token") || names.contains(at + "pos_embed");
        boolean normed = names.contains(at + "norm.weight") || names.contains(at + "fc_norm.weight");
        return tokens && normed && names.contains(at + "patch_embed.proj.weight")
                && (names.contains(at + "head.weight") || names.contains(at + "head_dist.weight") || config.isEmpty()
                        || config.containsKey("architecture"))
                && (names.contains(at + "blocks.0.attn.qkv.weight")
                        || names.stream().noneMatch(n -> n.startsWith(at + "blocks.")));
    }

    @Override
    public Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!isOne("", tensors.keySet(), config)) {
            return Optional.empty();
        }
        var read = new TimmHeader(new VisionHeader(file, tensors), TimmConfig.of(file, config));
        var spec = read.spec();
        var kind = new VisionArchitecture.Kind(NAME, read.config().architecture().map("ViT of timm, %s"::formatted)
                .orElse("ViT of timm"), Set.of(), read.notes());
        return Optional.of(new VisionArchitecture(kind, spec, read.images(), read.config().labels(spec.classes()),
                new TimmForm(config, spec), tensors).checked(file));
    }
}
