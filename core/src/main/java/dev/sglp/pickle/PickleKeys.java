package dev.sglp.pickle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/// Keys of dictionaries and members of sets: only what is hashed in a bounded time. `bytes` become strings, one character a
/// byte, so that `b"data"` and `"data"` name the same.
final class PickleKeys {
    private static final int LONGEST = 1 << 12;
    private static final int LONGEST_TUPLE = 8;
    private static final int MOST_TUPLES = 10_000;

    private int tuples;

    Map<Object, Object> put(Map<Object, Object> map, Object key, Object value) throws IOException {
        map.put(key(key), value);
        return map;
    }

    Set<Object> add(Set<Object> set, Object member) throws IOException {
        set.add(key(member));
        return set;
    }

    private Object key(Object key) throws IOException {
        if (!(key instanceof Tuple tuple)) {
            return scalar(key);
        }
        // tuples can be made to collide; so few of them that it does not matter
        if (tuple.size() > LONGEST_TUPLE || ++tuples > MOST_TUPLES) {
            throw new IOException("more than %d tuples, or one of more than %d items, as keys"
                    .formatted(MOST_TUPLES, LONGEST_TUPLE));
        }
        var items = tuple.toArray();
        for (int i = 0; i < items.length; i++) {
            items[i] = scalar(items[i]);
        }
        return new Tuple(Arrays.asList(items));
    }

    private static Object scalar(Object key) throws IOException {
        return switch (key) {
            case String s when s.length() <= LONGEST -> s;
            case String s -> throw tooLong(s.length());
            case byte[] b when b.length <= LONGEST -> new String(b, StandardCharsets.ISO_8859_1);
            case byte[] b -> throw tooLong(b.length);
            case Number n -> n;
            case Boolean b -> b;
            case None n -> n;
            case Constructor type -> type; // a class, which is itself alone
            default -> throw new IOException("a key of type %s, expected a string, a number or a short tuple of them"
                    .formatted(key.getClass().getSimpleName()));
        };
    }

    /// A long key that is used over and over is copied or compared as often.
    private static IOException tooLong(int length) {
        return new IOException("a key of %d characters, expected at most %d".formatted(length, LONGEST));
    }
}
