package dev.sglp.family.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A `config.json`, read field by field. It remembers what was read and what each field says about layers, so that surgery
/// knows what to change and a field that nobody understood is refused.
public final class ConfigFields {
    /// Names of fields that could change what a layer computes. Where a family does not read such a field, the network is not
    /// known well enough.
    private static final Pattern CONCERNS_LAYERS = Pattern.compile(
            "(?i).*(layer|expert|moe|sparse|window|rope|rotary|attn|attention|mlp|ffn|norm|bias|softcap|multiplier|scal|residual|alibi|block|depth|skip|nextn|mtp|mup|vision|audio|pruned|adapter|lora|embedding).*");
    private static final int MOST = 1 << 24;
    private static final int MOST_SHOWN = 100;
    private static final JsonMapper JSON = new JsonMapper();

    /// What a field says about layers.
    enum Role {
        PLAIN,
        /// How many there are.
        COUNT,
        /// A list with one entry for each.
        PER_LAYER,
        /// Layers from this index on are of another kind.
        BOUNDARY
    }

    private final String file;
    private final Map<String, Object> values;
    private final Map<String, Role> roles = new LinkedHashMap<>();
    private final Map<String, Integer> unwritten = new LinkedHashMap<>();

    /// @param file   for errors
    /// @param values the JSON object
    public ConfigFields(String file, Map<String, Object> values) {
        this.file = file;
        this.values = values;
    }

    /// The value, or empty where the field is absent or `null`.
    public Optional<Object> value(String name) {
        return value(name, Role.PLAIN);
    }

    private Optional<Object> value(String name, Role role) {
        roles.put(name, role);
        return Optional.ofNullable(values.get(name));
    }

    /// Says that these fields do not change what the network computes.
    public void harmless(String... names) {
        for (var name : names) {
            roles.put(name, Role.PLAIN);
        }
    }

    /// The same for all fields whose whole name matches.
    public void harmless(Pattern pattern) {
        values.keySet().stream().filter(pattern.asMatchPredicate()).forEach(this::harmless);
    }

    /// A whole number from 1 to 16,777,216.
    public int count(String name) throws IOException {
        return whole(name, 1, value(name).orElseThrow(() -> missing(name, "a whole number")));
    }

    /// The same; 0 where the field is `null`, `otherwise` where it is absent.
    public int countOrNull(String name, int otherwise) throws IOException {
        return count(name, values.containsKey(name) ? 0 : otherwise);
    }

    /// The same; `otherwise` where the field is absent or `null`.
    public int count(String name, int otherwise) throws IOException {
        var value = value(name);
        return value.isPresent() ? whole(name, 1, value.get()) : otherwise;
    }

    /// The number of layers, at least 0.
    public int layers(String name) throws IOException {
        return whole(name, 0, value(name, Role.COUNT).orElseThrow(() -> missing(name, "a whole number")));
    }

    /// The same, of a file with so many tensors, of which each layer has some.
    public int layers(String name, int tensors) throws IOException {
        int layers = layers(name);
        if (layers > tensors) {
            throw wrong(name, "no more layers than the file's %d tensors".formatted(tensors), layers);
        }
        return layers;
    }

    /// @param known classes in Python that compute what the class in transformers does; files fine-tuned elsewhere have
    ///              `repository--module.Class`
    /// @throws IOException where `auto_map` names other code that defines the network
    public void refuseOwnCode(Set<String> known) throws IOException {
        var code = value("auto_map").orElse(Map.of());
        if (code instanceof Map<?, ?> map
                && map.entrySet().stream().anyMatch(e -> e.getKey().toString().startsWith("AutoModel")
                        && !known.contains(String.valueOf(e.getValue()).replaceFirst("^.*--", "")))) {
            throw wrong("auto_map", "no network defined by Python code of its own", code);
        }
    }

    /// The index of the first layer of another kind.
    public int boundary(String name, int otherwise) throws IOException {
        var value = value(name, Role.BOUNDARY);
        if (value.isEmpty()) {
            unwritten.put(name, otherwise);
        }
        return value.isPresent() ? whole(name, 0, value.get()) : otherwise;
    }

    private int whole(String name, int least, Object value) throws IOException {
        boolean is = value instanceof Integer || value instanceof Long;
        long number = is ? ((Number) value).longValue() : -1;
        if (!is || number < least || number > MOST) {
            throw wrong(name, "a whole number from %d to %d".formatted(least, MOST), value);
        }
        return (int) number;
    }

    /// A finite number above 0.
    public double positive(String name, double otherwise) throws IOException {
        var value = value(name).orElse(otherwise);
        if (!(value instanceof Number number) || !(number.doubleValue() > 0 && number.doubleValue() < 1e18)) {
            throw wrong(name, "a number above 0", value);
        }
        return number.doubleValue();
    }

    /// The same; `null` is refused, `otherwise` where the field is absent.
    public double notNull(String name, double otherwise) throws IOException {
        return values.containsKey(name) ? required(name) : positive(name, otherwise);
    }

    /// The same where it has to be there.
    public double required(String name) throws IOException {
        value(name).orElseThrow(() -> missing(name, "a number above 0"));
        return positive(name, 1);
    }

    /// `false` where the field is `null`, as Python takes it, `otherwise` where it is absent.
    public boolean flag(String name, boolean otherwise) throws IOException {
        var value = value(name).orElse(!values.containsKey(name) && otherwise);
        if (!(value instanceof Boolean flag)) {
            throw wrong(name, "true or false", value);
        }
        return flag;
    }

    /// @throws IOException where the field is there and says anything but `true`; `null` is not true
    public void mustBeTrue(String name, String why) throws IOException {
        roles.put(name, Role.PLAIN);
        if (values.containsKey(name) && !Boolean.TRUE.equals(values.get(name))) {
            throw wrong(name, "true (%s)".formatted(why), values.get(name));
        }
    }

    /// @throws IOException where the field is there and says another number
    public void mustBe(String name, double number, String why) throws IOException {
        if (positive(name, number) != number) {
            throw wrong(name, "%s (%s)".formatted(number == Math.rint(number) ? (Object) (long) number : number, why),
                    values.get(name));
        }
    }

    /// A number above 0; 0 where the field is `null`, `otherwise` where it is absent.
    public double positiveOrNull(String name, double otherwise) throws IOException {
        if (value(name).isEmpty()) {
            return values.containsKey(name) ? 0 : otherwise;
        }
        return positive(name, 1);
    }

    /// @throws IOException where the field is there and says anything but `false` or `null`
    public void mustBeFalse(String name, String why) throws IOException {
        roles.put(name, Role.PLAIN);
        if (values.get(name) != null && !Boolean.FALSE.equals(values.get(name))) {
            throw wrong(name, "false (%s)".formatted(why), values.get(name));
        }
    }

    /// @throws IOException where the field is there and says anything but this or `null`
    public void mustBe(String name, Object only, String why) throws IOException {
        roles.put(name, Role.PLAIN);
        var found = values.get(name);
        boolean same = found instanceof Number a && only instanceof Number b
                ? a.doubleValue() == b.doubleValue()
                : only.equals(found);
        if (found != null && !same) {
            throw wrong(name, "%s (%s)".formatted(only, why), found);
        }
    }

    /// @throws IOException where the field is there and is not one of `known`
    public String oneOf(String name, List<String> known) throws IOException {
        var value = value(name).orElse(known.getFirst());
        if (!(value instanceof String text) || !known.contains(text)) {
            throw wrong(name, known.stream().map("'%s'"::formatted).collect(Collectors.joining(" or ")), value);
        }
        return text;
    }

    /// The fields of an object inside, or empty where there is none.
    public Optional<ConfigFields> object(String name) throws IOException {
        var value = value(name);
        if (value.isPresent() && !(value.get() instanceof Map<?, ?>)) {
            throw wrong(name, "an object", value.get());
        }
        var inside = new LinkedHashMap<String, Object>();
        value.ifPresent(v -> ((Map<?, ?>) v).forEach((key, item) -> inside.put(String.valueOf(key), item)));
        return value.map(_ -> new ConfigFields(file + " " + name, inside));
    }

    /// The same; one without fields where there is none.
    public ConfigFields inside(String name) throws IOException {
        return object(name).orElseGet(() -> new ConfigFields(file + " " + name, Map.of()));
    }

    /// A list, empty where the field is absent or `null`.
    public List<?> list(String name) throws IOException {
        var value = value(name).orElse(List.of());
        if (!(value instanceof List<?> list)) {
            throw wrong(name, "a list", value);
        }
        return list;
    }

    /// A list of numbers; `otherwise` where the field is absent or `null`.
    public List<Double> numbers(String name, List<Double> otherwise) throws IOException {
        if (value(name).isEmpty()) {
            return otherwise;
        }
        var found = list(name);
        for (var number : found) {
            if (!(number instanceof Number)) {
                throw wrong(name, "a list of numbers", found);
            }
        }
        return found.stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    /// A list with one text for each layer, or empty where there is none.
    public Optional<List<String>> perLayer(String name, int layers) throws IOException {
        var value = value(name, Role.PER_LAYER);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof List<?> list) || list.size() != layers) {
            throw wrong(name, "a list of %d, one for each layer".formatted(layers), value.get());
        }
        return Optional.of(list.stream().map(String::valueOf).toList());
    }

    /// @throws IOException where a field that was not read says something that may concern layers
    public void refuseUnread(int layers) throws IOException {
        refuse(e -> e.getValue() instanceof List<?> items && items.size() == layers && layers > 1
                || CONCERNS_LAYERS.matcher(e.getKey()).matches());
    }

    /// @throws IOException where a field of such a name was not read and says something
    public void refuseUnread(Pattern names) throws IOException {
        refuse(e -> names.matcher(e.getKey()).matches());
    }

    private void refuse(Predicate<Map.Entry<String, Object>> concerns) throws IOException {
        for (var entry : values.entrySet()) {
            var name = entry.getKey();
            var value = entry.getValue();
            if (!roles.containsKey(name) && !saysNothing(value) && concerns.test(entry)) {
                throw new IOException(
                        "[%s] config.json has '%s': %s, which may change what layers compute and is not known for this family. Refused, because a smaller network could be wrong without notice"
                                .formatted(file, name, shown(value)));
            }
        }
    }

    /// @throws IOException where a field that was not read says anything but `false` or `null`
    public void refuseOthers() throws IOException {
        for (var entry : values.entrySet()) {
            if (!roles.containsKey(entry.getKey()) && entry.getValue() != null
                    && !Boolean.FALSE.equals(entry.getValue())) {
                throw wrong(entry.getKey(), "nothing but what is known here: " + roles.keySet(), entry.getValue());
            }
        }
    }

    private static boolean saysNothing(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Boolean flag -> !flag;
            case Number number -> number.doubleValue() == 0 || number instanceof Double d && d == 1;
            case List<?> list -> list.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            default -> false;
        };
    }

    /// @param got as the file has it: text is shown in quotes
    public IOException wrong(String name, String expected, @Nullable Object got) {
        return new IOException("%s: expected %s, got %s".formatted(place(name), expected, shown(got)));
    }

    /// Where a field has to be there.
    public IOException missing(String name, String expected) {
        return new IOException("%s: expected %s, got nothing".formatted(place(name), expected));
    }

    /// The file is the checkpoint, unless it is a document beside it.
    private String place(String name) {
        return "[%s]%s '%s'".formatted(file, file.endsWith(".json") ? "" : " config.json", name);
    }

    /// As JSON, so that `"4"` is told from `4`.
    private static String shown(@Nullable Object value) {
        String text;
        try {
            text = JSON.writeValueAsString(value);
        } catch (JsonProcessingException _) {
            text = String.valueOf(value);
        }
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
    }

    /// The whole object.
    Map<String, Object> values() {
        return values;
    }

    /// What the field says about layers.
    Role role(String name) {
        return roles.getOrDefault(name, Role.PLAIN);
    }

    /// Boundaries that are not there, and what was taken for them.
    Map<String, Integer> unwritten() {
        return unwritten;
    }

    boolean wasRead(String name) {
        return roles.containsKey(name);
    }

    String file() {
        return file;
    }

    /// Names of all fields.
    public Set<String> names() {
        return values.keySet();
    }
}
