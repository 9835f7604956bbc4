package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What stands behind `is`.
final class Tests {
    private static final Set<String> ALONE = Set.of("defined", "undefined", "none", "string", "mapping", "sequence",
            "iterable", "number", "integer", "boolean", "true", "false", "odd", "even");
    private static final Set<String> WITH_ONE = Set.of("equalto", "eq", "ne", "in", "divisibleby");

    private Tests() {}

    /// @throws TemplateException where it is not known
    static void check(String name, int line) {
        if (!ALONE.contains(name) && !WITH_ONE.contains(name)) {
            throw new TemplateException(line, "the test '%s' is not known here".formatted(name));
        }
    }

    static boolean takesOne(String name) {
        return WITH_ONE.contains(name);
    }

    static boolean holds(Values values, String name, Object value, Object other) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value instanceof None;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "sequence", "iterable" ->
                value instanceof List || value instanceof Map || value instanceof String
                        || value instanceof Undefined;
            case "number" -> value instanceof Long || value instanceof Double || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "odd" -> values.whole(value) % 2 != 0;
            case "even" -> values.whole(value) % 2 == 0;
            case "divisibleby" -> Boolean.TRUE.equals(values.equal(values.calculated("%", value, other), 0L));
            case "ne" -> !values.equal(value, other);
            case "in" -> values.contains(other, value);
            default -> values.equal(value, other); // equalto, eq
        };
    }
}
