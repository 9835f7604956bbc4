package dev.sglp.checkpoint;

import dev.sglp.output.ByteOrderMark;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What lies in a file's place: a pointer of Git LFS, the page of a login; for weights, text.
public final class Download {
    private static final int HEAD = 64;

    private Download() {}

    /// @throws IOException where something else came in the file's place; a file that is not there is none
    public static void check(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            check(file, head(file));
        }
    }

    /// The same for a file of weights, which is no text either.
    static void checkWeights(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            checkWeights(file, head(file));
        }
    }

    static void checkWeights(Path file, byte[] head) throws IOException {
        check(file, head);
        int mark = ByteOrderMark.length(head);
        var text = CharBuffer.allocate(HEAD);
        boolean broken = StandardCharsets.UTF_8.newDecoder()
                .decode(ByteBuffer.wrap(head, mark, head.length - mark), text, false).isError();
        var words = text.flip().toString();
        if (!broken && !words.isEmpty()
                && words.chars().allMatch(c -> c >= ' ' && c != 0x7f || "\t\n\f\r".indexOf(c) >= 0)) {
            throw new IOException(
                    "[%s] is not %s: it is text, which begins '%s'. Maybe something else came in its place; fetch or save it again"
                            .formatted(file, title(file), words.strip().lines().findFirst().orElse("")));
        }
    }

    /// What a file should be by its name.
    private static String title(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "bin", "pt", "pth", "th", "ckpt", "pkl" -> "a PyTorch file";
            case "safetensors" -> "a safetensors file";
            case "gguf" -> "a GGUF file";
            default -> "a checkpoint";
        };
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
