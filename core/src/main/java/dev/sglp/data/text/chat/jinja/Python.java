package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.None;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// How Python writes values, and what it calls blank.
final class Python {
    private static final double LEAST = 1e-4; // smaller ones are written with an exponent, as larger ones than this
    private static final double MOST = 1e16;

    private Python() {}

    /// What is no list but looks like one: a tuple, the items of a dictionary.
    static final class Sequence extends ArrayList<Object> {
        private static final long serialVersionUID = 1L;
        final boolean tuple;

        Sequence(boolean tuple, Collection<?> items) {
            super(items);
            this.tuple = tuple;
        }

        static Sequence tuple(List<?> items) {
            return new Sequence(true, items);
        }
    }

    /// `str.isspace` of a character.
    static boolean blank(int c) {
        return c >= 9 && c <= 13 || c >= 28 && c <= 32 || c == 0x85 || c == 0x2028 || c == 0x2029
                || Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    /// `str.strip`, `lstrip` and `rstrip`.
    static String stripped(String s, boolean left, boolean right) {
        int from = 0;
        int end = s.length();
        while (left && from < end && blank(s.charAt(from))) {
            from++;
        }
        while (right && end > from && blank(s.charAt(end - 1))) {
            end--;
        }
        return s.substring(from, end);
    }

    /// `repr` of a float.
    static String real(double number) {
        if (!Double.isFinite(number)) {
            return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(number);
        if (size == 0 || size >= LEAST && size < MOST) {
            var plain = new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
            return number == 0 ? Double.toString(number) : plain.contains(".") ? plain : plain + ".0";
        }
        var parts = Double.toString(number).split("E");
        int exponent = Integer.parseInt(parts[1]);
        return "%se%s%02d".formatted(parts[0].replaceFirst("\\.0$", ""), exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /// `repr`.
    static String shown(Values values, Object value) {
        return switch (value) {
            case String s -> quoted(s);
            case Sequence items when items.tuple -> items.size() == 1
                    ? "(%s,)".formatted(shown(values, items.getFirst()))
                    : items.stream().map(item -> shown(values, item)).collect(Collectors.joining(", ", "(", ")"));
            case Sequence _ -> throw values.wrong("what a dictionary or 'range' gives is not printed here");
            case List<?> list ->
                list.stream().map(item -> shown(values, item)).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map -> map.entrySet().stream()
                    .map(e -> shown(values, e.getKey()) + ": " + shown(values, e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
            default -> values.text(value);
        };
    }

    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        var out = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> out.append(switch (c) {
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c == quote ? "\\" + quote : printable(c) ? Character.toString(c) : escaped(c);
        }));
        return out.append(quote).toString();
    }

    private static boolean printable(int c) {
        return c == ' ' || switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR ->
                false;
            default -> true;
        };
    }

    private static String escaped(int c) {
        return (c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c);
    }

    /// How `json.dumps` is asked to write.
    ///
    /// @param indent blanks a level; absent for one line
    /// @param ascii  whether other characters are escaped
    record Json(Values values, Optional<Integer> indent, boolean ascii, boolean sorted, String comma, String colon) {
        String of(Object value) {
            return of(value, 0);
        }

        private String of(Object value, int depth) {
            return switch (value) {
                case String s -> string(s);
                case Long n -> n.toString();
                case Double n -> real(n);
                case Boolean b -> b.toString();
                case None _ -> "null";
                case Sequence items when !items.tuple ->
                    throw values.wrong("what a dictionary or 'range' gives is not written as JSON");
                case List<?> list -> around("[", list.stream().map(item -> of(item, depth + 1)).toList(), "]", depth);
                case Map<?, ?> map -> around("{", entries(map).stream()
                        .map(e -> key(e.getKey()) + colon + of(e.getValue(), depth + 1)).toList(), "}", depth);
                default -> throw values.wrong("a %s is not written as JSON here".formatted(Values.kind(value)));
            };
        }

        private List<? extends Map.Entry<?, ?>> entries(Map<?, ?> map) {
            return sorted
                    ? map.entrySet().stream().sorted(Comparator.comparing(Map.Entry::getKey, values::compare)).toList()
                    : List.copyOf(map.entrySet());
        }

        private String key(Object key) {
            return key instanceof String s ? string(s) : string(of(key, 0));
        }

        private String around(String open, List<String> parts, String close, int depth) {
            if (indent.isEmpty() || parts.isEmpty()) {
                return open + String.join(comma, parts) + close;
            }
            var line = "\n" + " ".repeat(indent.get() * depth);
            var inner = line + " ".repeat(indent.get());
            return open + inner + String.join(comma + inner, parts) + line + close;
        }

        private String string(String text) {
            return text.chars().mapToObj(this::character).collect(Collectors.joining("", "\"", "\""));
        }

        private String character(int c) {
            return switch (c) {
                case '"' -> "\\\"";
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\b' -> "\\b";
                case '\f' -> "\\f";
                default -> c < ' ' || ascii && c > '~' ? "\\u%04x".formatted(c) : String.valueOf((char) c);
            };
        }
    }

    /// `str.title`: a letter behind what is no letter is large.
    static String titled(String text) {
        int[] all = text.codePoints().toArray();
        return IntStream.range(0, all.length)
                .map(i -> i > 0 && Character.isLetter(all[i - 1])
                        ? Character.toLowerCase(all[i])
                        : Character.toTitleCase(all[i]))
                .mapToObj(Character::toString).collect(Collectors.joining());
    }
}
