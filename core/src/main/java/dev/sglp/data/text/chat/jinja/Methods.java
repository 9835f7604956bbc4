package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Python's methods of strings and dictionaries.
final class Methods {
    private Methods() {}

    static Object called(Values values, Object value, String name, Arguments.Given given) {
        return switch (value) {
            case String s -> ofString(values, s, name, given.only(values, name, 2));
            case Map<?, ?> map -> ofDictionary(values, map, name, given.only(values, name, 2));
            case Undefined(var missing) -> throw values.wrong("'%s' is not defined".formatted(missing));
            default -> throw unknown(values, value, name);
        };
    }

    private static TemplateException unknown(Values values, Object value, String name) {
        return values.wrong("the method '%s' of a %s is not known here".formatted(name, Values.kind(value)));
    }

    private static Object ofString(Values values, String s, String name, Arguments.Given given) {
        var first = given.get(values, 0, "", None.NONE);
        return switch (name) {
            case "strip" -> stripped(values, s, first, true, true);
            case "lstrip" -> stripped(values, s, first, true, false);
            case "rstrip" -> stripped(values, s, first, false, true);
            case "upper" -> s.toUpperCase(Locale.ROOT);
            case "lower" -> s.toLowerCase(Locale.ROOT);
            case "capitalize" -> Filters.capitalised(s);
            case "startswith" -> s.startsWith(string(values, first));
            case "endswith" -> s.endsWith(string(values, first));
            case "replace" -> s.replace(string(values, first), string(values, given.get(values, 1, "", None.NONE)));
            case "split" -> split(values, s, first, given.get(values, 1, "", -1L));
            case "find" -> {
                int at = s.indexOf(string(values, first));
                yield (long) (at < 0 ? at : s.codePointCount(0, at));
            }
            default -> throw unknown(values, s, name);
        };
    }

    private static String string(Values values, Object value) {
        if (value instanceof String s) {
            return s;
        }
        throw values.wrong("expected a string, got a " + Values.kind(value));
    }

    /// @param what its characters go; none for blanks
    static String stripped(Values values, String s, Object what, boolean left, boolean right) {
        if (what instanceof None) {
            return left && right ? s.strip() : left ? s.stripLeading() : s.stripTrailing();
        }
        var set = string(values, what);
        int from = 0;
        int end = s.length();
        while (left && from < end && set.indexOf(s.charAt(from)) >= 0) {
            from++;
        }
        while (right && end > from && set.indexOf(s.charAt(end - 1)) >= 0) {
            end--;
        }
        return s.substring(from, end);
    }

    /// @param most cuts; negative for all
    private static List<Object> split(Values values, String s, Object separator, Object most) {
        long cuts = values.whole(most);
        if (separator instanceof None) {
            if (cuts >= 0) {
                throw values.wrong("split at blanks with a number of cuts is not known here");
            }
            return new ArrayList<>(s.isBlank() ? List.of() : List.of(s.strip().split("\\s+")));
        }
        var at = string(values, separator);
        if (at.isEmpty()) {
            throw values.wrong("an empty separator");
        }
        return new ArrayList<>(List.of(s.split(Pattern.quote(at), cuts < 0 ? -1 : (int) cuts + 1)));
    }

    private static Object ofDictionary(Values values, Map<?, ?> map, String name, Arguments.Given given) {
        return switch (name) {
            case "items" -> Filters.pairs(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "get" -> {
                Object found = map.get(given.get(values, 0, "", None.NONE));
                yield found == null ? given.get(values, 1, "", None.NONE) : found;
            }
            default -> {
                if (map.get(name) instanceof Function function) {
                    yield function.call(given.plain(), given.named());
                }
                throw unknown(values, map, name);
            }
        };
    }
}
