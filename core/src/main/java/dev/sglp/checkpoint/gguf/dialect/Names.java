package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.GgufPiece;
import dev.sglp.checkpoint.gguf.GgufTensor;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// What transformers calls the tensors of an architecture, and how they lie in the file. Names are without `.weight` and `.bias`.
///
/// @param layers  what stands before a layer's number
/// @param outside tensors of no layer, by their names in the file
/// @param inside  tensors of a layer, by their names in the file behind its number
public record Names(String layers, Map<String, Place> outside, Map<String, Place> inside) {
    private static final Pattern IN_LAYER = Pattern.compile("blk\\.(0|[1-9]\\d{0,8})\\.(.+)");
    private static final long MOST_PARTS = 1 << 12;

    /// @param name   in transformers
    /// @param change how it lies in the file
    public record Place(String name, Change change) {}

    /// As Llama has them, rows as they are.
    public static final Names LLAMA = new Names("model.layers.", Map.of(), Map.of())
            .outside("token_embd", "model.embed_tokens").outside("output_norm", "model.norm")
            .outside("output", "lm_head").inside("attn_norm", "input_layernorm")
            .inside("ffn_norm", "post_attention_layernorm").inside("attn_q", "self_attn.q_proj")
            .inside("attn_k", "self_attn.k_proj").inside("attn_v", "self_attn.v_proj")
            .inside("attn_output", "self_attn.o_proj").inside("ffn_gate", "mlp.gate_proj")
            .inside("ffn_up", "mlp.up_proj").inside("ffn_down", "mlp.down_proj");

    public Names {
        outside = Map.copyOf(outside);
        inside = Map.copyOf(inside);
    }

    public static Names of(String layers) {
        return new Names(layers, Map.of(), Map.of());
    }

    public Names outside(String file, String name) {
        return outside(file, name, Change.NONE);
    }

    public Names outside(String file, String name, Change change) {
        return new Names(layers, with(outside, file, new Place(name, change)), inside);
    }

    public Names inside(String file, String name) {
        return inside(file, name, Change.NONE);
    }

    public Names inside(String file, String name, Change change) {
        return new Names(layers, outside, with(inside, file, new Place(name, change)));
    }

    /// The same where these lie in another way.
    public Names changed(Change change, String... files) {
        var names = this;
        for (var file : files) {
            names = outside.containsKey(file)
                    ? names.outside(file, outside.get(file).name, change)
                    : names.inside(file, inside.get(file).name, change);
        }
        return names;
    }

    private static Map<String, Place> with(Map<String, Place> all, String file, Place place) {
        var more = new HashMap<>(all);
        more.put(file, place);
        return more;
    }

    /// All tensors by the names that transformers gives them.
    ///
    /// @param type what the file says it is
    /// @throws IOException where a tensor is unknown, or cannot lie so
    public SequencedMap<String, GgufPiece> of(Collection<GgufTensor> tensors, Said said, String type)
            throws IOException {
        var all = new LinkedHashMap<String, GgufPiece>();
        for (var tensor : tensors) {
            if (Positions.FACTORS.contains(tensor.name())) {
                continue;
            }
            for (var piece : pieces(tensor, said, type).entrySet()) {
                piece.getValue().check(said.path());
                if (all.put(piece.getKey(), piece.getValue()) != null) {
                    throw new IOException("[%s] has the tensor '%s' in two ways: '%s' is one of them".formatted(
                            said.path(), piece.getKey(), tensor.name()));
                }
            }
        }
        return all;
    }

    private SequencedMap<String, GgufPiece> pieces(GgufTensor tensor, Said said, String type) throws IOException {
        var layer = IN_LAYER.matcher(tensor.name());
        boolean in = layer.matches() && Long.parseLong(layer.group(1)) < said.depth();
        var rest = in ? layer.group(2) : tensor.name();
        int dot = rest.lastIndexOf('.');
        var place = dot < 0 ? null : (in ? inside : outside).get(rest.substring(0, dot));
        if (place == null || !rest.endsWith(".weight") && !rest.endsWith(".bias")) {
            throw new IOException("[%s] has the tensor '%s', which a '%s' of %d layers does not have".formatted(
                    said.path(), tensor.name(), type, said.depth()));
        }
        if (place.change == Change.STACKED
                && (tensor.shape().size() < 2 || tensor.shape().getFirst() > MOST_PARTS)) {
            throw new IOException("[%s] tensor '%s' has shape %s, expected at most %d parts one behind the other"
                    .formatted(said.path(), tensor.name(), tensor.shape(), MOST_PARTS));
        }
        var name = (in ? layers + layer.group(1) + "." : "") + place.name + rest.substring(dot);
        return place.change.of(name, tensor, said.heads());
    }
}
