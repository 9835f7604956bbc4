package dev.sglp.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// The mark that some editors put before a text (Unicode Standard, 23.8): before UTF-8 it means nothing and is skipped,
/// before anything else it names an encoding that is not read here.
public final class ByteOrderMark {
    private static final byte[] UTF_8 = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /// Longer marks first: one of UTF-32 begins as one of UTF-16.
    private enum Other {
        // @formatter:off
        UTF_32_LITTLE("UTF-32 (little-endian)", 0xFF, 0xFE, 0, 0),
        UTF_32_BIG("UTF-32 (big-endian)", 0, 0, 0xFE, 0xFF),
        UTF_16_LITTLE("UTF-16 (little-endian)", 0xFF, 0xFE),
        UTF_16_BIG("UTF-16 (big-endian)", 0xFE, 0xFF);
        // @formatter:on

        private final String title;
        private final int[] mark;

        Other(String title, int... mark) {
            this.title = title;
            this.mark = mark;
        }

        private boolean begins(byte[] text) {
            boolean same = text.length >= mark.length;
            for (int i = 0; same && i < mark.length; i++) {
                same = (text[i] & 0xFF) == mark[i];
            }
            return same;
        }
    }

    private ByteOrderMark() {}

    /// How many bytes of mark a text begins with: 3, or 0 where it is not of UTF-8.
    ///
    /// @param text its first bytes at least
    public static int length(byte[] text) {
        return Arrays.equals(UTF_8, Arrays.copyOf(text, UTF_8.length)) ? UTF_8.length : 0;
    }

    /// The same for a text that has to be read.
    ///
    /// @throws IOException where its mark is of another encoding; names it
    public static int length(Path file, byte[] text) throws IOException {
        for (var other : Other.values()) {
            if (other.begins(text)) {
                throw new IOException("[%s] is %s, as the mark at its start says; expected UTF-8. Save it as UTF-8"
                        .formatted(file, other.title));
            }
        }
        return length(text);
    }

    /// A whole file of text, without its mark.
    ///
    /// @throws IOException where it cannot be read, or its mark is of another encoding
    public static byte[] without(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        return Arrays.copyOfRange(bytes, length(file, bytes), bytes.length);
    }
}
