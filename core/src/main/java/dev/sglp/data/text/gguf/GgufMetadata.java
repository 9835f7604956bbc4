package dev.sglp.data.text.gguf;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Typed views of a GGUF file's metadata; a value of another type than expected is a malformed file.
///
/// @param values strings, numbers, booleans and lists by key
record GgufMetadata(Map<String, Object> values) {

    Optional<String> string(String key) throws IOException {
        return get(key, String.class, "a string");
    }

    Optional<Boolean> flag(String key) throws IOException {
        return get(key, Boolean.class, "true or false");
    }

    /// A token id, or empty where it is not below `vocabulary`.
    OptionalInt idIfThere(String key, int vocabulary) throws IOException {
        long id = get(key, Number.class, "a token id").map(Number::longValue).orElse(-1L);
        return id >= 0 && id < vocabulary ? OptionalInt.of((int) id) : OptionalInt.empty();
    }

    /// A token id below `vocabulary`.
    OptionalInt id(String key, int vocabulary) throws IOException {
        var value = get(key, Number.class, "a token id");
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        long id = value.get().longValue();
        if (id < 0 || id >= vocabulary) {
            throw new IOException("GGUF metadata: %s is %d; expected a token id below %d".formatted(key, id,
                    vocabulary));
        }
        return OptionalInt.of((int) id);
    }

    /// @throws IOException where there is no such list, or it holds something that is not a string
    List<String> strings(String key) throws IOException {
        var list = get(key, List.class, "a list of strings");
        if (list.isEmpty()) {
            throw new IOException("GGUF metadata: %s is missing; expected a list of strings".formatted(key));
        }
        for (Object item : list.get()) {
            if (!(item instanceof String)) {
                throw wrong(key, "a list of strings", item);
            }
        }
        @SuppressWarnings("unchecked") // every item was looked at
        List<String> strings = list.get();
        return strings;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /// Numbers; empty where there is no such list.
    double[] decimals(String key) throws IOException {
        List<?> list = get(key, List.class, "a list of numbers").orElse(List.of());
        double[] numbers = new double[list.size()];
        int filled = 0;
        for (Object item : list) {
            if (!(item instanceof Number number)) {
                throw wrong(key, "a list of numbers", item);
            }
            numbers[filled++] = number.doubleValue();
        }
        return numbers;
    }

    /// Whole numbers; empty where there is no such list.
    int[] numbers(String key) throws IOException {
        return Arrays.stream(decimals(key)).mapToInt(number -> (int) number).toArray();
    }

    private <T> Optional<T> get(String key, Class<T> type, String expected) throws IOException {
        var value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw wrong(key, expected, value);
        }
        return Optional.of(type.cast(value));
    }

    private static IOException wrong(String key, String expected, Object got) {
        var text = String.valueOf(got);
        return new IOException("GGUF metadata: %s: expected %s, got %s".formatted(key, expected,
                text.length() > 80 ? text.substring(0, 80) + "…" : text));
    }
}
