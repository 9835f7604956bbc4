package dev.sglp.data.array;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The header of a `.npy` file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic, version 1 to
/// 3, length, and a Python dictionary of three keys, which is read as that and nothing more.
///
/// @param descr        the element type as numpy writes it, for instance `<f4`
/// @param fortranOrder whether the first index runs fastest
/// @param shape        sizes, outermost first
/// @param start        where the elements begin, in bytes
record NpyHeader(String descr, boolean fortranOrder, List<Long> shape, int start) {
    /// A header of an array of images has some hundred bytes; a longer one is no such array.
    static final int MOST_BYTES = 4096;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern ENTRY = Pattern
            .compile("\\s*'(\\w{1,20})'\\s*:\\s*('[^']{1,20}'|True|False|\\([\\d, ]*\\))\\s*(,|(?=\\}))");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");
    private static final int MOST_DIMENSIONS = 32;

    NpyHeader {
        shape = List.copyOf(shape);
    }

    /// @param where what an error calls the array
    /// @param head  the first bytes of the file, {@link #MOST_BYTES} where it has so many
    static NpyHeader read(String where, byte[] head) throws IOException {
        if (head.length < 10 || !Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException("[%s] is no numpy array: it does not begin as one".formatted(where));
        }
        int version = head[6];
        if (version < 1 || version > 3 || head[7] != 0) {
            throw new IOException(
                    "[%s] has version %d.%d, expected 1.0, 2.0 or 3.0".formatted(where, version, head[7]));
        }
        int from = version == 1 ? 10 : 12;
        var numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        long length = version == 1
                ? Short.toUnsignedLong(numbers.getShort(8))
                : head.length < 12 ? Long.MAX_VALUE : Integer.toUnsignedLong(numbers.getInt(8));
        if (length > head.length - from) {
            throw new IOException("[%s] says its header has %d bytes, expected at most %d. Maybe it was cut"
                    .formatted(where, length, head.length - from));
        }
        var text = new String(head, from, (int) length, StandardCharsets.UTF_8);
        return of(where, text, from + (int) length);
    }

    private static NpyHeader of(String where, String text, int start) throws IOException {
        var entries = dictionary(text);
        if (!entries.keySet().equals(KEYS) || !entries.get("descr").startsWith("'")
                || !entries.get("fortran_order").matches("True|False") || !entries.get("shape").startsWith("(")) {
            throw new IOException(
                    "[%s] has the header %s, expected {'descr': TYPE, 'fortran_order': BOOL, 'shape': SIZES}"
                            .formatted(where, text.strip().substring(0, Math.min(120, text.strip().length()))));
        }
        var descr = entries.get("descr");
        return new NpyHeader(descr.substring(1, descr.length() - 1), entries.get("fortran_order").equals("True"),
                sizes(where, entries.get("shape")), start);
    }

    /// Keys and values as they are written; empty where the text is no such dictionary.
    private static Map<String, String> dictionary(String text) {
        var entries = new HashMap<String, String>();
        int at = text.startsWith("{") ? 1 : text.length();
        var entry = ENTRY.matcher(text);
        while (entry.find(at) && entry.start() == at) {
            if (entries.put(entry.group(1), entry.group(2)) != null) {
                return Map.of();
            }
            at = entry.end();
        }
        return text.substring(at).strip().equals("}") ? entries : Map.of();
    }

    private static List<Long> sizes(String where, String tuple) throws IOException {
        var sizes = new ArrayList<Long>();
        for (var part : tuple.substring(1, tuple.length() - 1).split(",")) {
            if (part.isBlank() && sizes.isEmpty()) {
                continue;
            }
            if (!NUMBER.matcher(part.strip()).matches() || sizes.size() == MOST_DIMENSIONS) {
                throw new IOException("[%s] has the shape %s, expected at most %d sizes".formatted(where,
                        tuple.substring(0, Math.min(80, tuple.length())), MOST_DIMENSIONS));
            }
            sizes.add(Long.parseLong(part.strip()));
        }
        return sizes;
    }

    /// Bytes an element: what follows the type's letter, four for each character of a text.
    int width() {
        var digits = descr.length() > 2 ? descr.substring(2) : "";
        int number = digits.matches("\\d{1,4}") ? Integer.parseInt(digits) : 0;
        return descr.startsWith("<U") ? 4 * number : number;
    }

    /// Number of elements.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    long elements() {
        return shape.contains(0L) ? 0 : shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// Elements between neighbours in each dimension.
    ///
    /// @throws ArithmeticException where one overflows 63 bits
    long[] strides() {
        var strides = new long[shape.size()];
        long step = 1;
        for (int i = 0; i < strides.length; i++) {
            int d = fortranOrder ? i : strides.length - 1 - i;
            strides[d] = step;
            step = Math.multiplyExact(step, shape.get(d));
        }
        return strides;
    }
}
