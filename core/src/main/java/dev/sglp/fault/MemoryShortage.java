package dev.sglp.fault;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Too little native memory, which nobody throws a type of its own for: libtorch says it in a `RuntimeException` as every other
/// trouble of its, JavaCPP and Java in an `OutOfMemoryError` as where Java's heap is full.
public final class MemoryShortage {
    private static final Pattern LIBTORCH = Pattern.compile(
            "(?:can't allocate memory|not enough memory): you tried to allocate (\\d+) bytes|CUDA out of memory|std::bad_alloc|Cannot allocate memory");
    private static final Pattern HEAP = Pattern.compile("Java heap space|GC overhead limit.*|.*array size.*");

    private MemoryShortage() {}

    /// Whether this says it.
    public static boolean is(Throwable thrown) {
        var message = String.valueOf(thrown.getMessage());
        return switch (thrown) {
            case OutOfMemoryError _ -> !HEAP.matcher(message).matches();
            case RuntimeException _ -> LIBTORCH.matcher(message).find();
            default -> false;
        };
    }

    /// How many bytes were asked for at once; empty where that is not said.
    public static OptionalLong bytes(Throwable thrown) {
        var found = LIBTORCH.matcher(String.valueOf(thrown.getMessage()));
        return found.find() && found.group(1) != null
                ? OptionalLong.of(Long.parseLong(found.group(1)))
                : OptionalLong.empty();
    }
}
