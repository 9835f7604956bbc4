package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.None;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The tensors of a pickled training state, wherever in it the `state_dict` stands.
///
/// @param tensors  by name, without the `module.` that `DataParallel` puts before every name
/// @param metadata numbers and strings beside it, for instance `best_prec1`
record StateDict(SequencedMap<String, TorchTensor> tensors, Map<String, String> metadata) {
    private static final List<String> PLACES = List.of("state_dict", "model_state_dict", "model", "net", "module");
    private static final String WRAPPED = "module.";
    private static final int DEEPEST = 8;
    private static final int LONGEST = 1 << 12;

    static StateDict of(String file, Object root) throws IOException {
        if (!(root instanceof Map<?, ?> top)) {
            throw new IOException("[%s] holds a %s, expected a state_dict. Save model.state_dict()".formatted(file,
                    root instanceof None ? "None" : root.getClass().getSimpleName()));
        }
        Map<?, ?> dict = top;
        for (var place : PLACES) {
            if (top.values().stream().noneMatch(TorchTensor.class::isInstance)
                    && top.get(place) instanceof Map<?, ?> inner) {
                dict = inner;
                break;
            }
        }
        var found = new LinkedHashMap<String, TorchTensor>();
        flatten(file, "", dict, found, 0);
        if (found.isEmpty()) {
            throw new IOException("[%s] holds no tensors at its top, nor under %s. Save model.state_dict()"
                    .formatted(file, String.join(", ", PLACES)));
        }
        return new StateDict(unwrapped(found), metadata(top));
    }

    private static void flatten(String file, String prefix, Map<?, ?> dict, Map<String, TorchTensor> found, int depth)
            throws IOException {
        if (depth > DEEPEST) {
            throw new IOException(
                    "[%s] nests dictionaries more than %d deep. That is no state_dict".formatted(file, DEEPEST));
        }
        for (var entry : dict.entrySet()) {
            var name = prefix + entry.getKey();
            if (entry.getValue() instanceof TorchTensor tensor) {
                found.put(name, tensor);
            } else if (entry.getValue() instanceof Map<?, ?> inner && name.length() < LONGEST) {
                flatten(file, name + ".", inner, found, depth + 1);
            }
        }
    }

    private static SequencedMap<String, TorchTensor> unwrapped(SequencedMap<String, TorchTensor> tensors) {
        if (!tensors.keySet().stream().allMatch(name -> name.startsWith(WRAPPED))) {
            return tensors;
        }
        var plain = new LinkedHashMap<String, TorchTensor>();
        tensors.forEach((name, tensor) -> plain.put(name.substring(WRAPPED.length()), tensor));
        return plain;
    }

    private static Map<String, String> metadata(Map<?, ?> top) {
        var metadata = new LinkedHashMap<String, String>();
        for (var entry : top.entrySet()) {
            switch (entry.getValue()) {
                case Number n -> metadata.put(String.valueOf(entry.getKey()), n.toString());
                case Boolean b -> metadata.put(String.valueOf(entry.getKey()), b.toString());
                case String s when s.length() < LONGEST -> metadata.put(String.valueOf(entry.getKey()), s);
                default -> {
                }
            }
        }
        return metadata;
    }
}
