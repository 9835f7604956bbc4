package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Arguments.Given;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What stands behind `|`.
final class Filters {
    private static final Set<String> KNOWN = Set.of("trim", "length", "count", "tojson", "default", "d", "join",
            "upper",
            "lower", "capitalize", "first", "last", "list", "string", "int", "replace", "items", "map", "selectattr",
            "rejectattr", "safe");

    private Filters() {}

    /// @throws TemplateException where it is not known
    static void check(String name, int line) {
        if (!KNOWN.contains(name)) {
            throw new TemplateException(line, "the filter '%s' is not known here".formatted(name));
        }
    }

    static Object applied(Values values, Object value, String name, Given given) {
        return switch (name) {
            case "default", "d" -> defaulted(values, value, given.only(values, name, 2, "boolean", "default_value"));
            case "join" -> values.items(value).stream().map(values::text)
                    .collect(Collectors.joining(values.text(given.only(values, name, 1, "d").get(values, 0, "d", ""))));
            case "map" -> {
                var attribute = given.only(values, name, 0, "attribute").get(values, 0, "attribute", None.NONE);
                yield new ArrayList<>(values.items(value).stream().map(item -> values.item(item, attribute)).toList());
            }
            case "selectattr" -> selected(values, value, given.only(values, name, 3), true);
            case "rejectattr" -> selected(values, value, given.only(values, name, 3), false);
            case "replace" ->
                values.text(value).replace(values.text(given.only(values, name, 2).get(values, 0, "", "")),
                        values.text(given.get(values, 1, "", "")));
            case "trim" -> Methods.stripped(values, values.text(value),
                    given.only(values, name, 1).get(values, 0, "", None.NONE), true, true);
            default -> plain(values, value, name, given.only(values, name, 0));
        };
    }

    private static Object plain(Values values, Object value, String name, Given given) {
        return switch (name) {
            case "length", "count" -> value instanceof String s
                    ? (long) s.codePointCount(0, s.length())
                    : (long) values.items(value).size();
            case "tojson" -> json(values, value);
            case "upper" -> values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalised(values.text(value));
            case "first" -> end(values.items(value), true);
            case "last" -> end(values.items(value), false);
            case "list" -> values.items(value);
            case "items" -> value instanceof Map<?, ?> map ? pairs(map) : pairs(Map.of());
            case "int" -> value instanceof String s ? whole(s) : (Object) values.whole(value);
            default -> values.text(value); // string, safe
        };
    }

    private static Object whole(String text) {
        return text.strip().matches("[-+]?\\d{1,18}") ? Long.parseLong(text.strip()) : 0L;
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? new Undefined("first") : first ? items.getFirst() : items.getLast();
    }

    static String capitalised(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static List<Object> pairs(Map<?, ?> map) {
        var all = new ArrayList<Object>();
        map.forEach((key, value) -> all.add(new ArrayList<>(List.of(key, value))));
        return all;
    }

    private static Object defaulted(Values values, Object value, Given given) {
        boolean empty = values.truth(given.get(values, 1, "boolean", false)) && !values.truth(value);
        return value instanceof Undefined || empty ? given.get(values, 0, "default_value", "") : value;
    }

    private static Object selected(Values values, Object value, Given given, boolean wanted) {
        var attribute = given.get(values, 0, "", None.NONE);
        var test = given.plain().size() > 1 ? values.text(given.plain().get(1)) : "";
        if (!test.isEmpty()) {
            Tests.check(test, values.line());
        }
        var other = given.get(values, 2, "", None.NONE);
        return new ArrayList<>(values.items(value).stream().filter(item -> {
            var found = values.item(item, attribute);
            return wanted == (test.isEmpty() ? values.truth(found) : Tests.holds(values, test, found, other));
        }).toList());
    }

    /// As `json.dumps` writes it without `ensure_ascii`.
    private static String json(Values values, Object value) {
        return switch (value) {
            case String s -> quoted(s);
            case Long n -> n.toString();
            case Boolean b -> b.toString();
            case None _ -> "null";
            case List<?> list ->
                list.stream().map(item -> json(values, item)).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map -> map.entrySet().stream()
                    .map(e -> quoted(values.text(e.getKey())) + ": " + json(values, e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
            default -> throw values.wrong("a %s is not written as JSON here".formatted(Values.kind(value)));
        };
    }

    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        text.chars().forEach(c -> out.append(switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> c < ' ' ? "\\u%04x".formatted(c) : String.valueOf((char) c);
        }));
        return out.append('"').toString();
    }
}
