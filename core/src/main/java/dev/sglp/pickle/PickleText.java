package dev.sglp.pickle;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The strings and numbers of a pickle, in its binary and its text opcodes.
final class PickleText {
    private static final int LONGEST_NUMBER = 1024;

    private final PickleBytes bytes;

    PickleText(PickleBytes bytes) {
        this.bytes = bytes;
    }

    String utf8(long length) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.take(length))).toString();
        } catch (CharacterCodingException e) {
            throw bytes.fail("a string that is not UTF-8");
        }
    }

    /// A string of Python 2, one character a byte, as `encoding="latin1"` reads it.
    String latin1(long length) throws IOException {
        return new String(bytes.take(length), StandardCharsets.ISO_8859_1);
    }

    String line() throws IOException {
        return new String(bytes.line(), StandardCharsets.ISO_8859_1);
    }

    /// `Long` where it fits, else `BigInteger`; little-endian two's complement.
    Number binaryLong(long length) throws IOException {
        if (length < 0 || length > LONGEST_NUMBER) {
            throw bytes.fail("an integer of %d bytes, expected at most %d".formatted(length, LONGEST_NUMBER));
        }
        var little = bytes.take(length);
        var big = new byte[little.length + (little.length == 0 ? 1 : 0)];
        for (int i = 0; i < little.length; i++) {
            big[little.length - 1 - i] = little[i];
        }
        return smallest(new BigInteger(big));
    }

    /// The text of `INT` and `LONG`; `00` and `01` are Python 2's booleans.
    Object textInt() throws IOException {
        var digits = number();
        if (digits.equals("00") || digits.equals("01")) {
            return digits.equals("01");
        }
        return smallest(new BigInteger(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits));
    }

    double textFloat() throws IOException {
        var digits = number();
        return switch (digits) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan" -> Double.NaN;
            default -> Double.parseDouble(digits);
        };
    }

    private String number() throws IOException {
        var digits = line();
        if (digits.length() > LONGEST_NUMBER) {
            throw bytes.fail("a number of %d characters".formatted(digits.length()));
        }
        return digits;
    }

    private static Number smallest(BigInteger value) {
        if (value.bitLength() < Long.SIZE) {
            return value.longValue();
        }
        return value;
    }

    /// A quoted string of protocol 0, with Python's backslash escapes.
    String quoted() throws IOException {
        var line = line().strip();
        int last = line.length() - 1;
        if (last < 1 || line.charAt(0) != line.charAt(last) || "'\"".indexOf(line.charAt(0)) < 0) {
            throw bytes.fail("a string without quotes");
        }
        return unescaped(line.substring(1, last), "\\'\"abfnrtvx");
    }

    /// A string of protocol 0's `UNICODE` (raw-unicode-escape).
    String rawUnicode() throws IOException {
        return unescaped(line(), "uU");
    }

    private String unescaped(String text, String escapes) throws IOException {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length() || escapes.indexOf(text.charAt(i + 1)) < 0) {
                plain.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            if (digits > text.length() - 1 - i) {
                throw bytes.fail("a string whose escape is cut");
            }
            plain.appendCodePoint(
                    digits == 0 ? letter(kind) : Integer.parseUnsignedInt(text, i + 1, i + 1 + digits, 16));
            i += digits;
        }
        return plain.toString();
    }

    private static char letter(char escape) {
        return switch (escape) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 11;
            default -> escape;
        };
    }
}
