package dev.sglp.checkpoint.torch;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The named tensors among what a file holds.
///
/// @param tensors  by name, in the order of the file: of the usual dictionary, or of all where there is none; a prefix `module.`
///                 that all share is left out
/// @param whole    every tensor of the file, by its keys from the top with dots between
/// @param metadata strings and numbers beside them at the top
public record StateDict(SequencedMap<String, TorchTensor> tensors, SequencedMap<String, TorchTensor> whole,
        Map<String, String> metadata) {
    private static final List<String> KEYS = List.of("state_dict", "model_state_dict", "model", "net");
    private static final String WRAPPER = "module.";
    private static final int DEEPEST = 8;
    private static final int NAME_FACTOR = 4;
    private static final int SPARE_NAMES = 1 << 16;
    private static final int ENTRY = 32; // what an entry costs beside its name
    private static final int LEAF = 4; // what one costs that is neither a tensor nor a dictionary
    private static final int LONGEST_NAME = 1024;
    private static final int LONGEST_TEXT = 10_000;
    private static final int LARGEST_NUMBER = 256; // bits

    /// @param fileBytes the file's size: names may not unfold to much more
    /// @throws IOException where there is no dictionary of tensors
    public static StateDict of(Path file, Object root, long fileBytes) throws IOException {
        if (!(root instanceof Map<?, ?> top)) {
            throw new IOException("[%s] holds a %s, expected a state dict. Save torch.save(model.state_dict(), path)"
                    .formatted(file, root.getClass().getSimpleName()));
        }
        var whole = new Flattening(file, fileBytes).flatten(top);
        if (whole.isEmpty()) {
            throw new IOException(
                    "[%s] has no state dict: expected names of tensors, as torch.save(model.state_dict(), path) writes them. It has: %s"
                            .formatted(file, keys(top)));
        }
        return new StateDict(unwrapped(usual(top, whole)), whole, metadata(top));
    }

    private static SequencedMap<String, TorchTensor> usual(Map<?, ?> top, SequencedMap<String, TorchTensor> whole) {
        for (var key : KEYS) {
            var inside = top.get(key) instanceof Map<?, ?> ? behind(key + ".", whole) : whole;
            if (inside != whole && !inside.isEmpty()) {
                return inside;
            }
        }
        return whole;
    }

    /// The tensors whose names begin so, without that beginning.
    private static SequencedMap<String, TorchTensor> behind(String prefix, Map<String, TorchTensor> whole) {
        var inside = new LinkedHashMap<String, TorchTensor>();
        whole.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                inside.put(name.substring(prefix.length()), tensor);
            }
        });
        return inside;
    }

    private static String keys(Map<?, ?> map) {
        return map.isEmpty()
                ? "nothing"
                : map.keySet().stream().filter(String.class::isInstance)
                        .map(key -> (String) key).map(key -> key.substring(0, Math.min(key.length(), 40))).limit(12)
                        .collect(Collectors.joining(", "));
    }

    private static SequencedMap<String, TorchTensor> unwrapped(SequencedMap<String, TorchTensor> tensors) {
        return tensors.keySet().stream().allMatch(name -> name.startsWith(WRAPPER))
                ? behind(WRAPPER, tensors)
                : tensors;
    }

    private static Map<String, String> metadata(Map<?, ?> top) {
        var metadata = new LinkedHashMap<String, String>();
        top.forEach((key, value) -> {
            boolean plain = switch (value) {
                case BigInteger number -> number.bitLength() <= LARGEST_NUMBER;
                case String text -> text.length() <= LONGEST_TEXT;
                default -> value instanceof Number || value instanceof Boolean;
            };
            if (plain && key instanceof String name) {
                metadata.put(name, value.toString());
            }
        });
        return metadata;
    }

    /// Joins the names of nested dictionaries by dots; it stops at a depth, because they may hold
    /// themselves, and at a size, because one may stand in many places. Keys that are no names lead to nothing.
    private static final class Flattening {
        private final Path file;
        private final SequencedMap<String, TorchTensor> tensors = new LinkedHashMap<>();
        private final long most;
        private long left;

        Flattening(Path file, long fileBytes) {
            this.file = file;
            this.most = NAME_FACTOR * fileBytes + SPARE_NAMES;
            this.left = most;
        }

        SequencedMap<String, TorchTensor> flatten(Map<?, ?> map) throws IOException {
            flatten("", map, 1);
            return tensors;
        }

        private void flatten(String prefix, Map<?, ?> map, int depth) throws IOException {
            for (var entry : map.entrySet()) {
                var value = entry.getValue();
                boolean named = (entry.getKey() instanceof String || entry.getKey() instanceof Long)
                        && (value instanceof TorchTensor || value instanceof Map<?, ?> inner && !inner.isEmpty());
                charge(named ? ENTRY + prefix.length() : LEAF);
                var name = named ? prefix + entry.getKey() : "";
                if (name.isEmpty() || name.length() > LONGEST_NAME) {
                    continue;
                }
                if (value instanceof TorchTensor tensor) {
                    put(name, tensor);
                } else if (value instanceof Map<?, ?> inner && depth < DEEPEST) {
                    flatten(name + ".", inner, depth + 1);
                }
            }
        }

        private void charge(long cost) throws IOException {
            left -= cost;
            if (left < 0) {
                throw new IOException(
                        "[%s] has nested dictionaries that unfold to names of more than %d bytes".formatted(file,
                                most));
            }
        }

        private void put(String name, TorchTensor tensor) throws IOException {
            if (tensors.putIfAbsent(name, tensor) != null) {
                throw new IOException("[%s] has two tensors named '%s'".formatted(file, name));
            }
        }
    }
}
