package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import dev.sglp.data.text.chat.jinja.Python.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Python's methods of strings and dictionaries.
final class Methods {
    private static final Pattern LINE = Pattern
            .compile("\\r\\n|[\\n\\r\\x0b\\f\\x1c-\\x1e\\x85\\u2028\\u2029]");
    private static final Pattern BLANKS = Pattern.compile("[\\t-\\r\\x1c-\\x20\\x85\\u2028\\u2029\\p{Zs}]+");
    private static final Set<String> OF_STRINGS = Set.of("capitalize", "casefold", "center", "count", "encode",
            "endswith",
            "expandtabs", "find", "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal",
            "isdigit",
            "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust",
            "lower",
            "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust",
            "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title",
            "translate", "upper", "zfill");
    private static final Set<String> OF_LISTS = Set.of("append", "clear", "copy", "count", "extend", "index", "insert",
            "pop", "remove", "reverse", "sort");
    private static final Set<String> OF_DICTIONARIES = Set.of("clear", "copy", "fromkeys", "get", "items", "keys",
            "pop",
            "popitem", "setdefault", "update", "values");

    private Methods() {}

    static Object called(Values values, Object value, String name, Arguments.Given given) {
        return switch (value) {
            case String s -> ofString(values, s, name,
                    given.only(values, name, name.equals("replace") ? 3 : 2, "maxsplit", "count"));
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
            case "startswith" -> any(values, first, s::startsWith);
            case "endswith" -> any(values, first, s::endsWith);
            case "replace" -> replaced(values, s, given);
            case "split" -> split(values, s, first, given.get(values, 1, "maxsplit", -1L));
            case "rsplit" -> splitFromEnd(values, s, first, given.get(values, 1, "maxsplit", -1L));
            case "splitlines" -> lines(values, s, given.only(values, name, 0));
            case "title" -> Python.titled(s);
            case "join" ->
                values.items(first).stream().map(item -> string(values, item)).collect(Collectors.joining(s));
            case "count" -> counted(s, string(values, first));
            case "removeprefix" -> s.startsWith(string(values, first)) ? s.substring(((String) first).length()) : s;
            case "removesuffix" -> s.endsWith(string(values, first))
                    ? s.substring(0, s.length() - ((String) first).length())
                    : s;
            case "isdigit" -> !s.isEmpty() && s.chars().allMatch(Character::isDigit);
            case "isspace" -> !s.isEmpty() && s.chars().allMatch(Python::blank);
            case "isupper" -> cased(s) && s.equals(s.toUpperCase(Locale.ROOT));
            case "islower" -> cased(s) && s.equals(s.toLowerCase(Locale.ROOT));
            case "rfind" -> place(s, s.lastIndexOf(string(values, first)));
            case "index" -> {
                if (!s.contains(string(values, first))) {
                    throw values.wrong("substring not found");
                }
                yield place(s, s.indexOf((String) first));
            }
            case "find" -> place(s, s.indexOf(string(values, first)));
            default -> throw unknown(values, s, name);
        };
    }

    /// One of several, or the one.
    private static boolean any(Values values, Object what, Predicate<String> holds) {
        return what instanceof Sequence all && all.tuple
                ? all.stream().anyMatch(one -> holds.test(string(values, one)))
                : holds.test(string(values, what));
    }

    private static Object place(String s, int at) {
        return (long) (at < 0 ? at : s.codePointCount(0, at));
    }

    private static boolean cased(String s) {
        return !s.toUpperCase(Locale.ROOT).equals(s.toLowerCase(Locale.ROOT));
    }

    private static Object counted(String s, String part) {
        return part.isEmpty()
                ? s.codePointCount(0, s.length()) + 1L
                : (s.length() - s.replace(part, "").length()) / (long) part.length();
    }

    private static Object lines(Values values, String s, Arguments.Given given) {
        given.only(values, "splitlines", 0);
        var all = new ArrayList<Object>(List.of(LINE.split(s, -1)));
        if (all.getLast().equals("")) {
            all.removeLast();
        }
        return all;
    }

    /// `replace(old, new, count)`, the first ones.
    static String replaced(Values values, String s, Arguments.Given given) {
        var old = string(values, given.get(values, 0, "", None.NONE));
        var other = string(values, given.get(values, 1, "", None.NONE));
        var count = given.get(values, 2, "count", None.NONE);
        if (count instanceof None || values.whole(count) < 0) {
            return s.replace(old, other);
        }
        if (old.isEmpty()) {
            throw values.wrong("nothing is replaced so many times");
        }
        var parts = s.split(Pattern.quote(old), (int) Math.min(Integer.MAX_VALUE - 1, values.whole(count)) + 1);
        return values.whole(count) == 0 ? s : String.join(other, parts);
    }

    private static List<Object> splitFromEnd(Values values, String s, Object separator, Object most) {
        var all = split(values, s, separator, -1L);
        long cuts = values.whole(most);
        if (cuts < 0 || all.size() <= cuts + 1) {
            return all;
        }
        if (separator instanceof None) {
            throw values.wrong("split at blanks with a number of cuts is not known here");
        }
        int first = all.size() - (int) cuts;
        var parts = new ArrayList<Object>(List.of(all.subList(0, first).stream().map(String.class::cast)
                .collect(Collectors.joining(string(values, separator)))));
        parts.addAll(all.subList(first, all.size()));
        return parts;
    }

    /// Whether Python has a method of this name there.
    static boolean known(Object value, String name) {
        return switch (value) {
            case String _ -> OF_STRINGS.contains(name);
            case Map<?, ?> _ -> OF_DICTIONARIES.contains(name);
            case List<?> _ -> OF_LISTS.contains(name);
            default -> false;
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
            return Python.stripped(s, left, right);
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
            return new ArrayList<>(List.of(BLANKS.split(Python.stripped(s, true, true))).stream()
                    .filter(part -> !part.isEmpty()).toList());
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
            case "keys" -> new Sequence(false, map.keySet());
            case "values" -> new Sequence(false, map.values());
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
