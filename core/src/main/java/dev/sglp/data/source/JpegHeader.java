package dev.sglp.data.source;

import java.util.Arrays;

/// The JDK takes a three-component JPEG that has neither a JFIF nor an Adobe marker, and no subsampling, for RGB; libjpeg
/// takes it for YCbCr, as its writers mean it. Such a file gets the JFIF marker it lacks.
final class JpegHeader {
    private static final byte[] JFIF = {(byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0,
            0};

    private JpegHeader() {}

    /// The file, with a JFIF marker after its start where its colour space is not named otherwise.
    static byte[] withColourSpaceNamed(byte[] file) {
        if (file.length < 4 || u16(file, 0) != 0xFFD8 || !unnamed(file)) {
            return file;
        }
        byte[] named = Arrays.copyOf(file, file.length + JFIF.length);
        System.arraycopy(JFIF, 0, named, 2, JFIF.length);
        System.arraycopy(file, 2, named, 2 + JFIF.length, file.length - 2);
        return named;
    }

    /// Whether the frame comes, with component numbers 1, 2, 3, before any marker that names the colour space.
    private static boolean unnamed(byte[] file) {
        int at = 2;
        while (at + 4 <= file.length && (file[at] & 0xFF) == 0xFF) {
            int marker = file[at + 1] & 0xFF;
            if (marker == 0xE0 || marker == 0xEE) { // APP0 (JFIF), APP14 (Adobe)
                return false;
            }
            if (marker >= 0xC0 && marker <= 0xC2) { // the frame: length, bits, height, width, components × (number, …)
                return at + 17 < file.length && file[at + 9] == 3 && file[at + 10] == 1 && file[at + 13] == 2
                        && file[at + 16] == 3;
            }
            at += 2 + u16(file, at + 2);
        }
        return false;
    }

    private static int u16(byte[] file, int at) {
        return (file[at] & 0xFF) << 8 | file[at + 1] & 0xFF;
    }
}
