package dev.sglp.checkpoint;

import dev.sglp.output.ByteOrderMark;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What downloads leave in a file's place: a pointer of Git LFS, or the page of a login.
public final class Download {
    private static final int HEAD = 64;

    private Download() {}

    /// @throws IOException where something else came in the file's place; a file that is not there is none
    public static void check(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            check(file, head(file));
        }
    }

    /// The first bytes of a file, at most 64.
    static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD);
        }
    }

    static void check(Path file, byte[] head) throws IOException {
        int mark = ByteOrderMark.length(head);
        var text = new String(head, mark, head.length - mark, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs")) {
            throw new IOException(
                    "[%s] is a pointer of Git LFS, not the file itself. Run 'git lfs pull' where it came from"
                            .formatted(file));
        }
        if (text.stripLeading().startsWith("<") && text.indexOf('\0') < 0) { // a length of safetensors has a zero
            throw new IOException(
                    "[%s] is an HTML or XML page, not the file itself. Maybe the download needed a login"
                            .formatted(file));
        }
    }
}
