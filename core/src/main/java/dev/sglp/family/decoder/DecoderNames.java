package dev.sglp.family.decoder;

import dev.sglp.family.NetworkPlace;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/// The ways in which files name the tensors of a decoder. With its head it is `model.layers…` and `lm_head`; a base model alone is
/// `layers…`; and where the output matrix is the embedding, a file may hold it by either name.
final class DecoderNames {
    private static final String BASE = "model.";

    private DecoderNames() {}

    static List<NetworkPlace> places(Set<String> names, boolean tied) {
        return NetworkPlace.prefixes(bare(DecoderTensors.NORM), names).stream()
                .filter(base -> names.contains(base + bare(DecoderTensors.EMBEDDING))
                        || names.contains(base + bare(DecoderTensors.LAYERS) + "0.input_layernorm.weight"))
                .map(base -> place(base, names, tied)).toList();
    }

    private static String bare(String name) {
        return name.substring(BASE.length());
    }

    /// @param base what stands before the names of the base model
    private static NetworkPlace place(String base, Set<String> names, boolean tied) {
        boolean whole = base.equals(BASE) || base.endsWith("." + BASE);
        var place = NetworkPlace.behind(whole ? base.substring(0, base.length() - BASE.length()) : base, names);
        var renamed = new HashMap<String, String>();
        if (!whole) {
            place.names().keySet().stream().filter(n -> !n.equals(DecoderTensors.OUTPUT))
                    .forEach(n -> renamed.put(n, BASE + n));
        }
        if (tied && !names.contains(base + bare(DecoderTensors.EMBEDDING))) {
            renamed.put(DecoderTensors.OUTPUT, DecoderTensors.EMBEDDING);
        }
        return place.renamed(renamed);
    }
}
