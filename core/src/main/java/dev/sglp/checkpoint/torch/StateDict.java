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
/// @param tensors  by name, in the order of the file; a prefix `module.` that all share is left out
/// @param metadata strings and numbers beside them at the top
public record StateDict(SequencedMap<String, TorchTensor> tensors, Map<String, String> metadata) {
    private static final List<String> KEYS = List.of("state_dict", "model_state_dict", "model", "net");
    private static final String WRAPPER = "module.";
    private static final int DEEPEST = 8;
    private static final int NAME_FACTOR = 4;
    private static final int SPARE_NAMES = 1 << 16;
    private static final int ENTRY = 32; // what an entry costs beside its name
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
        for (var key : KEYS) {
            if (top.get(key) instanceof Map<?, ?> inner) {
                var tensors = new Flattening(file, fileBytes).flatten(inner);
                if (!tensors.isEmpty()) {
                    return new StateDict(unwrapped(tensors), metadata(top));
                }
            }
        }
        if (top.values().stream().noneMatch(TorchTensor.class::isInstance)) {
            throw new IOException("[%s] has no state dict: expected names of tensors, or one of the keys %s. It has: %s"
                    .formatted(file, KEYS, keys(top)));
        }
        return new StateDict(unwrapped(new Flattening(file, fileBytes).flatten(top)), metadata(top));
    }

    private static String keys(Map<?, ?> map) {
        return map.isEmpty()
                ? "nothing"
                : map.keySet().stream().filter(String.class::isInstance)
                        .map(key -> (String) key).map(key -> key.substring(0, Math.min(key.length(), 40))).limit(12)
                        .collect(Collectors.joining(", "));
    }

    private static SequencedMap<String, TorchTensor> unwrapped(SequencedMap<String, TorchTensor> tensors) {
        if (!tensors.keySet().stream().allMatch(name -> name.startsWith(WRAPPER))) {
            return tensors;
        }
        var bare = new LinkedHashMap<String, TorchTensor>();
        tensors.forEach((name, tensor) -> bare.put(name.substring(WRAPPER.length()), tensor));
        return bare;
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
    /// themselves, and at a size, because one may stand in many places.
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
                left -= ENTRY + prefix.length();
                if (left < 0 || depth > DEEPEST) {
                    throw new IOException(
                            "[%s] has dictionaries nested more than %d deep, or names of more than %d bytes"
                                    .formatted(file, DEEPEST, most));
                }
                if (entry.getValue() instanceof TorchTensor tensor) {
                    put(name(prefix, entry.getKey()), tensor);
                } else if (entry.getValue() instanceof Map<?, ?> inner && !inner.isEmpty()) {
                    flatten(name(prefix, entry.getKey()) + ".", inner, depth + 1);
                }
            }
        }

        private String name(String prefix, Object key) throws IOException {
            var name = key instanceof String || key instanceof Long ? prefix + key : "";
            if (name.isEmpty() || name.length() > LONGEST_NAME) {
                throw new IOException("[%s] has a tensor whose name is no string, empty, or longer than %d characters"
                        .formatted(file, LONGEST_NAME));
            }
            return name;
        }

        private void put(String name, TorchTensor tensor) throws IOException {
            if (tensors.putIfAbsent(name, tensor) != null) {
                throw new IOException("[%s] has two tensors named '%s'".formatted(file, name));
            }
        }
    }
}
