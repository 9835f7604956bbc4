package dev.sglp.family.decoder;

import dev.sglp.family.NetworkPlace;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/// The ways in which files name the tensors of a decoder. With its head it is `model.layers…` and `lm_head`; a base model alone is
/// `layers…`; and where the output matrix is the embedding, a file may hold it by either name.
///
/// @param base      what stands before the names of the base model, for instance `model.`
/// @param embedding the name of its embedding behind that
/// @param norm      the name of a tensor that every base model has, behind that
/// @param layer     the name of a tensor of the first layer, behind that
/// @param output    the name of the output matrix
public record DecoderNames(String base, String embedding, String norm, String layer, String output) {
    /// As most have it.
    public static final DecoderNames LLAMA = new DecoderNames("model.", "embed_tokens.weight", "norm.weight",
            "layers.0.input_layernorm.weight", "lm_head.weight");

    /// The same without the norm that gives the first layer away.
    public DecoderNames layer(String other) {
        return new DecoderNames(base, embedding, norm, other, output);
    }

    /// The same with another name for what every base model has.
    public DecoderNames norm(String other) {
        return new DecoderNames(base, embedding, other, layer, output);
    }

    /// What stands before a layer's number, for instance `model.layers.`.
    public String layers() {
        return base + layer.substring(0, layer.indexOf('0'));
    }

    List<NetworkPlace> places(Set<String> names, boolean tied) {
        return NetworkPlace.prefixes(norm, names).stream()
                .filter(before -> names.contains(before + embedding) || names.contains(before + layer))
                .map(before -> place(before, names, tied)).toList();
    }

    /// @param before what stands before the names of the base model
    private NetworkPlace place(String before, Set<String> names, boolean tied) {
        boolean whole = before.equals(base) || before.endsWith("." + base);
        var place = NetworkPlace.behind(whole ? before.substring(0, before.length() - base.length()) : before, names);
        var renamed = new HashMap<String, String>();
        if (!whole) {
            var head = output.substring(0, output.lastIndexOf('.') + 1);
            place.names().keySet().stream().filter(n -> !n.startsWith(head)).forEach(n -> renamed.put(n, base + n));
        }
        if (tied && !names.contains(before + embedding)) {
            renamed.put(output, base + embedding);
        }
        return place.renamed(renamed);
    }
}
