package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What stands behind `is`.
final class Tests {
    private static final Set<String> ALONE = Set.of("defined", "undefined", "none", "string", "mapping", "sequence",
            "iterable", "number", "integer", "float", "boolean", "true", "false", "odd", "even", "upper", "lower");
    private static final Set<String> WITH_ONE = Set.of("equalto", "eq", "ne", "in", "divisibleby", "gt", "ge", "lt",
            "le", "greaterthan",
            "lessthan", "sameas");

    private static final Arguments.Given NOTHING = new Arguments.Given(List.of(), Map.of());

    private Tests() {}

    /// @throws TemplateException where it is not known
    static void check(String name, int line) {
        if (!ALONE.contains(name) && !WITH_ONE.contains(name)) {
            throw new TemplateException(line, "the test '%s' is not known here".formatted(name));
        }
    }

    /// Identity, which is told of what there is once.
    private static boolean same(Values values, Object value, Object other) {
        if (other instanceof None || other instanceof Boolean) {
            return value.equals(other);
        }
        throw values.wrong("'sameas' of a %s is not known here".formatted(Values.kind(other)));
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
            case "float" -> value instanceof Double;
            case "upper" -> Boolean.TRUE.equals(Methods.called(values, values.text(value), "isupper", NOTHING));
            case "lower" -> Boolean.TRUE.equals(Methods.called(values, values.text(value), "islower", NOTHING));
            case "sameas" -> same(values, value, other);
            case "gt", "greaterthan" -> values.compare(value, other) > 0;
            case "ge" -> values.compare(value, other) >= 0;
            case "lt", "lessthan" -> values.compare(value, other) < 0;
            case "le" -> values.compare(value, other) <= 0;
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
