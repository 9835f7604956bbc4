package dev.sglp.pickle;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// The globals behind plain Python values: ordered dictionaries, counters, sets, and bytes in old protocols.
public final class PlainGlobals {
    private PlainGlobals() {}

    /// For the `globals` of {@link PickleRules}.
    public static Map<String, Object> all() {
        var globals = new HashMap<String, Object>();
        globals.put("collections.OrderedDict", (Constructor) PlainGlobals::dictionary);
        globals.put("collections.Counter", (Constructor) PlainGlobals::dictionary);
        globals.put("_codecs.encode", (Constructor) PlainGlobals::encode);
        for (var module : List.of("builtins", "__builtin__")) {
            globals.put(module + ".set", (Constructor) PlainGlobals::set);
            globals.put(module + ".frozenset", (Constructor) PlainGlobals::set);
            globals.put(module + ".bytes", (Constructor) PlainGlobals::bytes);
            globals.put(module + ".bytearray", (Constructor) PlainGlobals::bytes);
        }
        return globals;
    }

    private static Object dictionary(List<Object> arguments) throws IOException {
        var keys = new PickleKeys();
        var map = new LinkedHashMap<Object, Object>();
        switch (only(arguments, new Tuple(List.of()))) {
            case Map<?, ?> entries -> {
                for (var entry : entries.entrySet()) {
                    keys.put(map, entry.getKey(), entry.getValue());
                }
            }
            case List<?> pairs -> {
                for (var pair : pairs) {
                    keys.put(map, ((List<?>) pair).get(0), ((List<?>) pair).get(1));
                }
            }
            default -> throw new IOException("a dictionary made of something else than pairs");
        }
        return map;
    }

    private static Object set(List<Object> arguments) throws IOException {
        var keys = new PickleKeys();
        var set = new LinkedHashSet<Object>();
        for (var member : (Iterable<?>) only(arguments, List.of())) {
            keys.add(set, member);
        }
        return set;
    }

    private static Object encode(List<Object> arguments) throws IOException {
        return encoded((String) arguments.get(0), arguments.size() > 1 ? (String) arguments.get(1) : "utf-8");
    }

    private static Object bytes(List<Object> arguments) throws IOException {
        return switch (only(arguments, new byte[0])) {
            case byte[] raw -> raw;
            case String text when arguments.size() == 2 -> encoded(text, (String) arguments.get(1));
            default -> throw new IOException("bytes made of something else than bytes");
        };
    }

    private static byte[] encoded(String text, String encoding) throws IOException {
        return text.getBytes(charset(encoding));
    }

    private static Charset charset(String encoding) throws IOException {
        return switch (encoding) {
            case "latin1", "latin-1" -> StandardCharsets.ISO_8859_1;
            case "utf-8", "utf8" -> StandardCharsets.UTF_8;
            case "ascii" -> StandardCharsets.US_ASCII;
            default -> throw new IOException("an encoding that is not latin1, utf-8 or ascii");
        };
    }

    private static Object only(List<Object> arguments, Object otherwise) {
        return arguments.isEmpty() ? otherwise : arguments.getFirst();
    }
}
