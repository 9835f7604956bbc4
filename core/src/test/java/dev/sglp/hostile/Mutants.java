package dev.sglp.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// Damages files in the ways that strangers and bad luck do. The same number gives the same damage.
final class Mutants {
    private static final long SEED = 20_251_123;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
    private static final List<String> NUMBERS = List.of("0", "1", "-1", "2147483648", "9223372036854775807",
            "-9223372036854775808", "99999999999999999999999", "1e999", "0.5", "null", "\"1\"", "[]", "{}");

    private Mutants() {}

    /// One to three damages in a row.
    static byte[] of(byte[] whole, int number) {
        var random = new SplittableRandom(SEED + number);
        var bytes = whole.clone();
        int damages = random.nextInt(1, 4);
        for (int i = 0; i < damages && bytes.length > 1; i++) {
            bytes = damaged(bytes, random);
        }
        return bytes;
    }

    private static byte[] damaged(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length);
        int length = random.nextInt(1, 1 + Math.min(bytes.length - from, 1 << random.nextInt(1, 8)));
        return switch (random.nextInt(10)) {
            case 0 -> Arrays.copyOf(bytes, from);
            case 1 -> flipped(bytes, random);
            case 2 -> overwritten(bytes, from, length, random);
            case 3 -> joined(Arrays.copyOf(bytes, from + length), Arrays.copyOfRange(bytes, from, bytes.length));
            case 4 -> joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, from + length, bytes.length));
            case 5 -> binaryNumber(bytes, from, random);
            case 6, 7 -> textNumber(bytes, random);
            case 8 -> swapped(bytes, from, random);
            default -> filled(bytes, from, length, random);
        };
    }

    private static byte[] flipped(byte[] bytes, SplittableRandom random) {
        for (int i = random.nextInt(1, 9); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] overwritten(byte[] bytes, int from, int length, SplittableRandom random) {
        for (int i = from; i < from + length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static byte[] binaryNumber(byte[] bytes, int at, SplittableRandom random) {
        long[] values = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, bytes.length,
                bytes.length + 1L};
        var eight = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(values[random.nextInt(values.length)]);
        System.arraycopy(eight.array(), 0, bytes, at, Math.min(1 << random.nextInt(4), bytes.length - at));
        return bytes;
    }

    private static byte[] textNumber(byte[] bytes, SplittableRandom random) {
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        var number = NUMBER.matcher(text);
        if (!number.find(random.nextInt(bytes.length))) {
            return bytes;
        }
        var other = NUMBERS.get(random.nextInt(NUMBERS.size()));
        return (text.substring(0, number.start()) + other + text.substring(number.end()))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] swapped(byte[] bytes, int from, SplittableRandom random) {
        int to = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(1, 64), bytes.length - Math.max(from, to));
        var one = Arrays.copyOfRange(bytes, from, from + length);
        System.arraycopy(bytes, to, bytes, from, length);
        System.arraycopy(one, 0, bytes, to, length);
        return bytes;
    }

    private static byte[] filled(byte[] bytes, int from, int length, SplittableRandom random) {
        Arrays.fill(bytes, from, from + length, (byte) "[{(\"]2\0\u00ff".charAt(random.nextInt(8)));
        return bytes;
    }

    private static byte[] joined(byte[] left, byte[] right) {
        var all = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, all, left.length, right.length);
        return all;
    }
}
