package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Frame.Namespace;
import dev.sglp.data.text.chat.jinja.Frame.None;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import dev.sglp.data.text.chat.jinja.Python.Sequence;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What Python says of values: strings, whole numbers (`Long`), others (`Double`), booleans, none, lists and dictionaries.
///
/// @param line of the template, for errors
record Values(int line) {
    /// Characters of a text: a template is data from strangers.
    static final int LONGEST = 1 << 22;

    TemplateException wrong(String message) {
        return new TemplateException(line, message);
    }

    boolean truth(Object value) {
        return switch (value) {
            case Boolean b -> b;
            case String s -> !s.isEmpty();
            case Long n -> n != 0;
            case Double n -> n != 0;
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case None _,Undefined _ -> false;
            default -> true;
        };
    }

    /// As it is printed.
    String text(Object value) {
        return switch (value) {
            case String s -> s;
            case Long n -> n.toString();
            case Double n -> Python.real(n);
            case List<?> list -> Python.shown(this, list);
            case Map<?, ?> map -> Python.shown(this, map);
            case Boolean b -> b ? "True" : "False";
            case None _ -> "None";
            case Undefined _ -> "";
            default -> throw wrong("a %s is not printed here".formatted(kind(value)));
        };
    }

    static String kind(Object value) {
        return switch (value) {
            case String _ -> "string";
            case Long _,Double _ -> "number";
            case Boolean _ -> "boolean";
            case None _ -> "none";
            case Undefined(var name) -> "value of '%s', which is not defined".formatted(name);
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dictionary";
            case Namespace _ -> "namespace";
            default -> "function";
        };
    }

    /// The items that a loop goes over: of a dictionary its keys, of a string its characters.
    List<Object> items(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String s -> new ArrayList<>(s.codePoints().mapToObj(Character::toString).toList());
            case Undefined _ -> List.of();
            default -> throw wrong("a %s has no items".formatted(kind(value)));
        };
    }

    boolean equal(Object a, Object b) {
        if (a instanceof Undefined && b instanceof Undefined) {
            return true;
        }
        if (a instanceof Sequence s && s.tuple != (b instanceof Sequence t && t.tuple)
                || b instanceof Sequence t && t.tuple && !(a instanceof Sequence)) {
            return false;
        }
        return number(a) && number(b) ? real(a) == real(b) : a.equals(b);
    }

    private static boolean number(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    double real(Object value) {
        return switch (value) {
            case Long n -> n;
            case Double n -> n;
            case Boolean b -> b ? 1 : 0;
            default -> throw wrong("expected a number, got a " + kind(value));
        };
    }

    long whole(Object value) {
        return switch (value) {
            case Long n -> n;
            case Boolean b -> b ? 1 : 0;
            default -> throw wrong("expected a whole number, got a " + kind(value));
        };
    }

    boolean contains(Object all, Object one) {
        return switch (all) {
            case String s when one instanceof String part -> s.contains(part);
            case List<?> list -> list.stream().anyMatch(item -> equal(item, one));
            case Map<?, ?> map -> map.containsKey(one);
            case Undefined _ -> false;
            default -> throw wrong("a %s is not looked for in a %s".formatted(kind(one), kind(all)));
        };
    }

    int compare(Object a, Object b) {
        return a instanceof String s && b instanceof String t ? s.compareTo(t) : Double.compare(real(a), real(b));
    }

    Object calculated(String operator, Object a, Object b) {
        if (operator.equals("+") && a instanceof String s && b instanceof String t) {
            return s + t;
        }
        if (operator.equals("+") && a instanceof List<?> first && b instanceof List<?> second) {
            if (first instanceof Sequence || second instanceof Sequence) {
                throw wrong("'+' of what is no list is not known here");
            }
            var all = new ArrayList<Object>(first);
            all.addAll(second);
            return all;
        }
        if (operator.equals("*") && a instanceof String s) {
            long times = Math.max(0, whole(b));
            if (times * s.length() > LONGEST) {
                throw wrong("a text of more than %,d characters".formatted(LONGEST));
            }
            return s.repeat((int) times);
        }
        if (!number(a) || !number(b)) {
            throw wrong("'%s' of a %s and a %s is not known here".formatted(operator, kind(a), kind(b)));
        }
        if (operator.equals("/") || a instanceof Double || b instanceof Double) {
            return real(operator, real(a), real(b));
        }
        long x = whole(a);
        long y = whole(b);
        if (y == 0 && "//%".contains(operator)) {
            throw wrong("division by zero");
        }
        return switch (operator) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "//" -> Math.floorDiv(x, y);
            case "%" -> Math.floorMod(x, y);
            case "**" -> power(x, y);
            default -> throw wrong("'%s' is not known here".formatted(operator));
        };
    }

    private Object real(String operator, double x, double y) {
        if (y == 0 && "//%".contains(operator)) {
            throw wrong("division by zero");
        }
        double rest = x % y != 0 && x % y < 0 != y < 0 ? x % y + y : x % y;
        return switch (operator) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "/" -> x / y;
            case "//" -> Math.floor((x - rest) / y + 0.5);
            case "%" -> rest;
            default -> throw wrong("'%s' of such numbers is not known here".formatted(operator));
        };
    }

    private Object power(long x, long y) {
        var power = y >= 0 && y < Long.SIZE ? BigInteger.valueOf(x).pow((int) y) : BigInteger.TWO.pow(Long.SIZE);
        if (power.bitLength() >= Long.SIZE) {
            throw wrong("%d ** %d is not known here".formatted(x, y));
        }
        return power.longValue();
    }

    /// `value.name`.
    Object field(Object value, String name) {
        if (Methods.known(value, name)) {
            throw wrong("the method '%s' of a %s that is not called is not known here".formatted(name, kind(value)));
        }
        return item(value, name);
    }

    /// `value[key]`, and `value.name` where it is not a method.
    Object item(Object value, Object key) {
        return switch (value) {
            case Map<?, ?> map -> found(map, key);
            case Namespace(var values) -> found(values, key);
            case List<?> list when key instanceof Long i -> at(i, list.size()) < 0
                    ? new Undefined("[%d]".formatted(i))
                    : list.get(at(i, list.size()));
            case String s when key instanceof Long i -> {
                var all = items(s);
                yield at(i, all.size()) < 0 ? new Undefined("[%d]".formatted(i)) : all.get(at(i, all.size()));
            }
            case Undefined(var name) -> throw wrong("'%s' is not defined".formatted(name));
            default -> new Undefined(String.valueOf(key));
        };
    }

    private static Object found(Map<?, ?> map, Object key) {
        Object found = map.get(key);
        return found == null ? new Undefined(String.valueOf(key)) : found;
    }

    private static int at(long index, int size) {
        long place = index < 0 ? index + size : index;
        return place >= 0 && place < size ? (int) place : -1;
    }

    /// `value[from:to:step]`
    Object slice(Object value, Object from, Object to, Object step) {
        var all = items(value);
        int size = all.size();
        long by = step instanceof None ? 1 : whole(step);
        if (by == 0) {
            throw wrong("a slice has step 0");
        }
        long low = by > 0 ? 0 : -1;
        long high = by > 0 ? size : size - 1;
        long first = from instanceof None ? by > 0 ? 0 : size - 1 : bound(whole(from), size, low, high);
        long end = to instanceof None ? by > 0 ? size : -1 : bound(whole(to), size, low, high);
        var some = new ArrayList<Object>();
        for (long i = first; by > 0 ? i < end : i > end; i += by) {
            some.add(all.get((int) i));
        }
        return value instanceof String
                ? String.join("", some.stream().map(String.class::cast).toList())
                : value instanceof Sequence s && s.tuple ? Sequence.tuple(some) : some;
    }

    private static long bound(long index, int size, long low, long high) {
        return Math.clamp(index < 0 ? index + size : index, low, high);
    }
}
