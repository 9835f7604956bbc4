package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Arguments.Given;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import dev.sglp.data.text.chat.jinja.Python.Sequence;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What stands behind `|`.
final class Filters {
    private static final Set<String> KNOWN = Set.of("trim", "length", "count", "tojson", "default", "d", "join",
            "upper",
            "lower", "capitalize", "first", "last", "list", "string", "int", "replace", "items", "map", "selectattr",
            "rejectattr", "safe", "select", "reject", "sort", "unique", "reverse", "sum", "max", "min", "title",
            "indent",
            "abs", "round", "float", "dictsort");

    private static final Pattern WORD = Pattern.compile("[^-\\s({\\[<]+");
    private static final long MOST_BLANKS = 100;

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
            case "map" -> new ArrayList<>(values.items(value).stream().map(mapped(values, given)).toList());
            case "select" -> chosen(values, value, given.only(values, name, 2), true);
            case "reject" -> chosen(values, value, given.only(values, name, 2), false);
            case "tojson" -> json(values, given).of(value);
            case "sort", "unique", "max", "min", "dictsort" -> ordered(values, value, name, given);
            case "indent" ->
                indented(values, values.text(value), given.only(values, name, 3, "width", "first", "blank"));
            case "round" -> rounded(values, value, given.only(values, name, 1, "precision"));
            case "int" -> whole(values, value, given.only(values, name, 1, "default"));
            case "selectattr" -> selected(values, value, given.only(values, name, 3), true);
            case "rejectattr" -> selected(values, value, given.only(values, name, 3), false);
            case "replace" -> Methods.replaced(values, values.text(value), given.only(values, name, 3, "count"));
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
            case "upper" -> values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalised(values.text(value));
            case "first" -> end(values.items(value), true);
            case "last" -> end(values.items(value), false);
            case "list" -> values.items(value);
            case "items" -> value instanceof Map<?, ?> map ? pairs(map) : pairs(Map.of());
            case "title" -> titled(values.text(value));
            case "reverse" -> value instanceof String s
                    ? new StringBuilder(s).reverse().toString()
                    : new ArrayList<>(values.items(value).reversed());
            case "sum" -> values.items(value).stream().reduce(0L, (a, b) -> values.calculated("+", a, b));
            case "abs" -> values.compare(value, 0L) < 0 ? values.calculated("-", 0L, value) : value;
            case "float" -> value instanceof String s
                    ? s.strip().matches("[-+]?\\d{1,15}(\\.\\d{1,15})?") ? Double.parseDouble(s.strip()) : 0.0
                    : (Object) values.real(value);
            default -> values.text(value); // string, safe
        };
    }

    private static Object whole(Values values, Object value, Given given) {
        return switch (value) {
            case String s when s.strip().matches("[-+]?\\d{1,18}") -> Long.parseLong(s.strip());
            case String s when s.strip().matches("[-+]?\\d{1,15}\\.\\d{1,15}") -> (long) Double.parseDouble(s.strip());
            case String _,List<?> _,Map<?, ?> _,None _,Undefined _ -> given.get(values, 0, "default", 0L);
            case Double n -> (long) (double) n;
            default -> values.whole(value);
        };
    }

    /// The large letter of each word behind blanks, brackets and dashes.
    private static String titled(String text) {
        return WORD.matcher(text).replaceAll(word -> Matcher.quoteReplacement(capitalised(word.group())));
    }

    private static Function<Object, Object> mapped(Values values, Given given) {
        if (given.plain().isEmpty()) {
            var attribute = given.only(values, "map", 0, "attribute", "default").get(values, 0, "attribute", None.NONE);
            var usual = given.named().get("default");
            return item -> {
                var found = attribute(values, item, attribute);
                return found instanceof Undefined && usual != null ? usual : found;
            };
        }
        var name = values.text(given.plain().getFirst());
        check(name, values.line());
        var rest = new Given(given.plain().subList(1, given.plain().size()), given.named());
        return item -> applied(values, item, name, rest);
    }

    /// `a.b`: of what `a` names, what `b` does.
    private static Object attribute(Values values, Object item, Object path) {
        if (!(path instanceof String names)) {
            return values.item(item, path);
        }
        var found = item;
        for (var name : names.split("\\.")) {
            found = values.item(found, name.matches("\\d{1,9}") ? (Object) Long.valueOf(name) : name);
        }
        return found;
    }

    private static Object ordered(Values values, Object value, String name, Given given) {
        if (name.equals("dictsort")) {
            given.only(values, name, 0);
            return new ArrayList<>(pairs(value instanceof Map<?, ?> map ? map : Map.of()).stream()
                    .sorted(Comparator.comparing(pair -> folded(((List<?>) pair).getFirst()), values::compare))
                    .toList());
        }
        given.only(values, name, 0, "attribute", "case_sensitive", name.equals("sort") ? "reverse" : "attribute");
        var path = given.named().getOrDefault("attribute", None.NONE);
        boolean exact = values.truth(given.named().getOrDefault("case_sensitive", false));
        Function<Object, Object> key = item -> {
            var found = path instanceof None ? item : attribute(values, item, path);
            return exact ? found : folded(found);
        };
        Comparator<Object> order = (a, b) -> values.compare(key.apply(a), key.apply(b));
        var items = values.items(value);
        return switch (name) {
            case "max" -> items.stream().reduce((a, b) -> order.compare(b, a) > 0 ? b : a)
                    .orElseGet(() -> new Undefined(name));
            case "min" -> items.stream().reduce((a, b) -> order.compare(b, a) < 0 ? b : a)
                    .orElseGet(() -> new Undefined(name));
            case "unique" -> {
                var seen = new ArrayList<Object>();
                var kept = new ArrayList<Object>();
                items.stream().filter(item -> !values.contains(seen, key.apply(item))).forEach(item -> {
                    seen.add(key.apply(item));
                    kept.add(item);
                });
                yield kept;
            }
            default -> new ArrayList<>(items.stream()
                    .sorted(values.truth(given.named().getOrDefault("reverse", false)) ? order.reversed() : order)
                    .toList());
        };
    }

    private static Object folded(Object value) {
        return value instanceof String s ? s.toLowerCase(Locale.ROOT) : value;
    }

    private static String indented(Values values, String text, Given given) {
        var width = given.get(values, 0, "width", 4L);
        var blanks = width instanceof String s ? s : " ".repeat((int) Math.clamp(values.whole(width), 0, MOST_BLANKS));
        boolean first = values.truth(given.get(values, 1, "first", false));
        boolean empty = values.truth(given.get(values, 2, "blank", false));
        var lines = text.split("\n", -1);
        var out = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            boolean moved = i == 0 ? first : empty || !lines[i].isEmpty();
            out.append(i == 0 ? "" : "\n").append(moved ? blanks : "").append(lines[i]);
        }
        return out.toString();
    }

    private static Object rounded(Values values, Object value, Given given) {
        int digits = Math.clamp(values.whole(given.get(values, 0, "precision", 0L)), 0, 15);
        return new BigDecimal(values.real(value)).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
    }

    private static Object chosen(Values values, Object value, Given given, boolean wanted) {
        var test = given.plain().isEmpty() ? "" : values.text(given.plain().getFirst());
        if (!test.isEmpty()) {
            Tests.check(test, values.line());
        }
        var other = given.get(values, 1, "", None.NONE);
        return new ArrayList<>(values.items(value).stream().filter(item -> wanted == (test.isEmpty()
                ? values.truth(item)
                : Tests.holds(values, test, item, other))).toList());
    }

    private static Python.Json json(Values values, Given given) {
        given.only(values, "tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = given.named().getOrDefault("indent", None.NONE);
        var blanks = indent instanceof None
                ? Optional.<Integer>empty()
                : Optional.of((int) Math.clamp(values.whole(indent), 0, MOST_BLANKS));
        var apart = given.named().getOrDefault("separators", None.NONE) instanceof List<?> both && both.size() == 2
                ? both
                : List.of(blanks.isPresent() ? "," : ", ", ": ");
        return new Python.Json(values, blanks, values.truth(given.named().getOrDefault("ensure_ascii", false)),
                values.truth(given.named().getOrDefault("sort_keys", false)), values.text(apart.getFirst()),
                values.text(apart.getLast()));
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? new Undefined("first") : first ? items.getFirst() : items.getLast();
    }

    static String capitalised(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, text.offsetByCodePoints(0, 1)).toUpperCase(Locale.ROOT)
                        + text.substring(text.offsetByCodePoints(0, 1)).toLowerCase(Locale.ROOT);
    }

    static List<Object> pairs(Map<?, ?> map) {
        var all = new ArrayList<Object>();
        map.forEach((key, value) -> all.add(Sequence.tuple(List.of(key, value))));
        return new Sequence(false, all);
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
}
