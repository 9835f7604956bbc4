package dev.sglp.data.text;

import dev.sglp.output.ByteOrderMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file of text, read strictly and only so far.
///
/// @param file what was read
/// @param text its characters, as they are, without a byte-order mark
/// @param cut  whether the file goes on after them
public record Utf8(Path file, String text, boolean cut) {
    /// Bytes that are read of a file; longer ones are cut at the last line end before.
    public static final int MOST_BYTES = 1 << 26;

    /// @throws IOException where the file is empty or not UTF-8 (with the line), or its first line is too long
    public static Utf8 read(Path file) throws IOException {
        return read(file, MOST_BYTES);
    }

    /// What people should know of how it was read.
    public List<String> notes() {
        return cut
                ? List.of("%s: only its first %,d bytes are used.".formatted(file.getFileName(), MOST_BYTES))
                : List.of();
    }

    /// All of a file.
    ///
    /// @throws IOException where it is longer than is read, empty or not UTF-8
    public static String whole(Path file) throws IOException {
        var read = read(file);
        if (read.cut()) {
            throw new IOException("[%s] is larger than %,d bytes".formatted(file, MOST_BYTES));
        }
        return read.text();
    }

    static Utf8 read(Path file, int most) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("[%s] is a directory, expected a file of text".formatted(file));
        }
        byte[] bytes;
        boolean cut;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(most);
            cut = bytes.length == most && in.read() >= 0;
        }
        int mark = ByteOrderMark.length(file, bytes);
        int length = cut ? lastLineEnd(file, bytes) : bytes.length;
        if (length <= mark) {
            throw new IOException("[%s] is empty; expected text".formatted(file));
        }
        return new Utf8(file, decode(file, ByteBuffer.wrap(bytes, mark, length - mark)), cut);
    }

    private static int lastLineEnd(Path file, byte[] bytes) throws IOException {
        for (int i = bytes.length; i > 0; i--) {
            if (bytes[i - 1] == '\n') {
                return i;
            }
        }
        throw new IOException("[%s] has a first line of more than %,d bytes. Maybe it is not a text file"
                .formatted(file, bytes.length));
    }

    private static String decode(Path file, ByteBuffer bytes) throws IOException {
        var decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var text = CharBuffer.allocate(bytes.remaining());
        var result = decoder.decode(bytes, text, true);
        if (result.isError()) {
            throw new IOException("[%s] line %d is not UTF-8 (byte %d, 0x%02X). Maybe it is in another encoding"
                    .formatted(file, 1 + lineEnds(bytes), bytes.position(), bytes.get(bytes.position())));
        }
        return text.flip().toString();
    }

    private static int lineEnds(ByteBuffer bytes) {
        int count = 0;
        for (int i = 0; i < bytes.position(); i++) {
            count += bytes.get(i) == '\n' ? 1 : 0;
        }
        return count;
    }
}
