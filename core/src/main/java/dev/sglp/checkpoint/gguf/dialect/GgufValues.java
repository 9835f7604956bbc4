package dev.sglp.checkpoint.gguf.dialect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The values of a GGUF file that describe its architecture (`llama.block_count`, …), asked by name. It notes what was asked,
/// so that nothing the file says of its architecture is passed over.
public final class GgufValues {
    private static final long MOST = Integer.MAX_VALUE;

    private final Path path;
    private final Map<String, Object> values;
    private final String architecture;
    private final Set<String> asked = new HashSet<>();

    public GgufValues(Path path, Map<String, Object> values, String architecture) {
        this.path = path;
        this.values = values;
        this.architecture = architecture;
    }

    public Path path() {
        return path;
    }

    /// A value of the architecture, or empty where there is none. A list with one value for each layer, all the same, counts as
    /// that value.
    private Optional<Object> find(String name) throws IOException {
        asked.add(name);
        var value = values.get(architecture + "." + name);
        if (value instanceof List<?> list) {
            if (list.isEmpty() || !list.stream().allMatch(list.getFirst()::equals)) {
                throw new IOException("[%s] '%s.%s' differs from layer to layer, which is not read".formatted(path,
                        architecture, name));
            }
            return Optional.of(list.getFirst());
        }
        return Optional.ofNullable(value);
    }

    /// A whole number from 1 to 2^31 - 1, or empty where there is none.
    public Optional<Integer> find(String name, String meaning) throws IOException {
        var value = find(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Number n && (n instanceof Integer || n instanceof Long) && n.longValue() >= 1
                && n.longValue() <= MOST) {
            return Optional.of(n.intValue());
        }
        throw new IOException("[%s] '%s.%s' (%s) is %s, expected a whole number from 1".formatted(path, architecture,
                name, meaning, shown(value.get())));
    }

    /// The same, or empty where it is 0, by which files say that there is none.
    public Optional<Integer> some(String name, String meaning) throws IOException {
        return find(name).filter(value -> value instanceof Number n && n.doubleValue() == 0).isPresent()
                ? Optional.empty()
                : find(name, meaning);
    }

    /// @throws IOException where the file says another number than the size of a head
    public void same(String name, int size) throws IOException {
        int given = find(name, "size of a head").orElse(size);
        if (given != size) {
            throw new IOException("[%s] has heads of size %d, but '%s.%s' is %d, which is not read".formatted(path,
                    size, architecture, name, given));
        }
    }

    /// Text in quotes, so that '4' is told from 4.
    private static String shown(Object value) {
        return value instanceof String text ? "'%s'".formatted(text) : String.valueOf(value);
    }

    /// A whole number that has to be there.
    public int number(String name, String meaning) throws IOException {
        return find(name, meaning).orElseThrow(() -> new IOException("[%s] has no '%s.%s' (%s). Maybe it is not a model"
                .formatted(path, architecture, name, meaning)));
    }

    /// A positive number as its shortest decimal (a float32 of 0.00001 is 1e-5, not 9.99999975e-6), or empty.
    public Optional<Double> real(String name) throws IOException {
        var value = find(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        double real = value.get() instanceof Number n ? Double.parseDouble(n.toString()) : Double.NaN;
        if (!(real > 0 && real < Double.POSITIVE_INFINITY)) {
            throw new IOException("[%s] '%s.%s' is %s, expected a positive number".formatted(path, architecture, name,
                    shown(value.get())));
        }
        return Optional.of(real);
    }

    public Optional<String> text(String name) throws IOException {
        return find(name).map(Object::toString);
    }

    /// A truth value, or empty where there is none.
    public Optional<Boolean> flag(String name) throws IOException {
        var value = find(name);
        if (value.isPresent() && !(value.get() instanceof Boolean)) {
            throw new IOException("[%s] '%s.%s' is %s, expected true or false".formatted(path, architecture, name,
                    shown(value.get())));
        }
        return value.map(Boolean.class::cast);
    }

    /// Whether a truth value is there and false.
    public boolean denies(String name) throws IOException {
        return flag(name).equals(Optional.of(false));
    }

    /// Notes that a value is known and changes nothing.
    public void harmless(String... names) {
        asked.addAll(List.of(names));
    }

    /// A token's number, where the file names one below `vocabulary`.
    public Optional<Integer> token(String kind, long vocabulary) {
        return values.get("tokenizer.ggml.%s_token_id".formatted(kind)) instanceof Long id && id < vocabulary
                ? Optional.of(id.intValue())
                : Optional.empty();
    }

    /// @throws IOException where the file says something of its architecture that nobody asked for; a number of 0, of experts for
    ///                     instance, says that there is nothing
    public void checkAllAsked() throws IOException {
        var left = values.entrySet().stream().filter(e -> e.getKey().startsWith(architecture + "."))
                .filter(e -> !(e.getValue() instanceof Number number && number.doubleValue() == 0))
                .map(e -> e.getKey().substring(architecture.length() + 1)).filter(k -> !asked.contains(k)).limit(5)
                .collect(Collectors.joining(", "));
        if (!left.isEmpty()) {
            throw new IOException("[%s] says of '%s' what is not understood here and may change what it computes: %s"
                    .formatted(path, architecture, left));
        }
    }
}
