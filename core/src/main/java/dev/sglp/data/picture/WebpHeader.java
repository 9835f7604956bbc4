package dev.sglp.data.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the chunks of a WebP file say of themselves (RFC 9649). The library makes room for what each picture says, and asks the canvas alone
/// how large it is.
///
/// @param canvas   of an extended file
/// @param pictures that are drawn on it
/// @param moves    whether there are several in turn
record WebpHeader(Optional<Size> canvas, List<Size> pictures, boolean moves) {
    private static final int FIRST = 12; // behind RIFF, its length and WEBP
    private static final int HEAD = 8; // of a chunk: its name and its length
    private static final int LONGEST = 10; // of what is read of a chunk
    private static final int SIDE = 0x3FFF; // 14 bits
    private static final int CANVAS = 0xFFFFFF; // 24 bits
    private static final int FLAGS = FIRST + HEAD; // of an extended file
    private static final int MOVES = 2;
    private static final int PROFILE = 0x20;

    /// In pixels.
    record Size(int width, int height) {
        @Override
        public String toString() {
            return "%d×%d".formatted(width, height);
        }
    }

    WebpHeader {
        pictures = List.copyOf(pictures);
    }

    /// Of a file that begins as a WebP; what is cut off is not seen.
    static WebpHeader of(byte[] file) {
        var all = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        var canvas = Optional.<Size>empty();
        var pictures = new ArrayList<Size>();
        boolean moves = false;
        long at = FIRST;
        while (at + HEAD + LONGEST <= file.length) {
            int start = (int) at + HEAD;
            switch (new String(file, (int) at, 4, StandardCharsets.ISO_8859_1)) {
                case "VP8X" -> {
                    canvas = Optional.of(new Size((all.getInt(start + 4) & CANVAS) + 1,
                            (all.getInt(start + 6) >>> 8) + 1));
                    moves |= (file[start] & MOVES) != 0;
                }
                case "VP8 " -> pictures.add(new Size(all.getShort(start + 6) & SIDE, all.getShort(start + 8) & SIDE));
                case "VP8L" -> {
                    int bits = all.getInt(start + 1);
                    pictures.add(new Size((bits & SIDE) + 1, (bits >>> 14 & SIDE) + 1));
                }
                case "ANIM", "ANMF" -> moves = true;
                default -> {
                    // colours and notes
                }
            }
            long length = Integer.toUnsignedLong(all.getInt((int) at + 4));
            at += HEAD + length + (length & 1);
        }
        return new WebpHeader(canvas, pictures, moves);
    }

    /// A file as the library is to see it: it would apply a colour profile. Any other file as it is.
    static byte[] plain(byte[] file) {
        if (file.length <= FLAGS || file[0] != 'R' || file[FIRST + 3] != 'X' || (file[FLAGS] & PROFILE) == 0) {
            return file;
        }
        var copy = file.clone();
        copy[FLAGS] &= ~PROFILE;
        return copy;
    }

    /// Why it is not read.
    Optional<String> objection() {
        if (moves) {
            return Optional.of("it moves");
        }
        return canvas.flatMap(whole -> pictures.stream().filter(picture -> !picture.equals(whole)).findFirst()
                .map(picture -> "its picture is %s, its canvas %s".formatted(picture, whole)));
    }
}
