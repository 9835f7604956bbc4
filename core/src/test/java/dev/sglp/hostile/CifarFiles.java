package dev.sglp.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Small files of CIFAR-10's two forms.
final class CifarFiles {
    private static final int PIXELS = 3072;
    private static final String ARRAY = "cnumpy.core.multiarray\n_reconstruct\nq\3cnumpy\nndarray\nq\4K\0\205U\1b\207Rq\5(K\1K%s"
            + "M\0\14\206cnumpy\ndtype\nq\6U\2u1K\0K\1\207Rq\7(K\3U\1|NNNJ\377\377\377\377J\377\377\377\377K\0tb\211T%s%stb";

    private CifarFiles() {}

    static byte[] binary(int images) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < images; i++) {
            out.write(i % 10);
            out.writeBytes(pixels(i));
        }
        return out.toByteArray();
    }

    private static byte[] pixels(int image) {
        var pixels = new byte[PIXELS];
        for (int p = 0; p < PIXELS; p++) {
            pixels[p] = (byte) (image * 31 + p * 7);
        }
        return pixels;
    }

    /// As `pickle.dump({'data': array, 'labels': list}, file, 2)` of Python 2 writes it.
    static byte[] pickle(int images) {
        var pixels = new StringBuilder();
        var labels = new StringBuilder("](");
        for (int i = 0; i < images; i++) {
            pixels.append(new String(pixels(i), StandardCharsets.ISO_8859_1));
            labels.append('K').append((char) (i % 10));
        }
        int length = pixels.length();
        var size = "" + (char) (length & 255) + (char) (length >> 8 & 255) + "\0\0";
        return ("\200\2}q\1(U\4dataq\2" + ARRAY.formatted((char) images, size, pixels) + "U\6labels" + labels
                + "eu.").getBytes(StandardCharsets.ISO_8859_1);
    }
}
