package dev.sglp.checkpoint.gguf;

/// Blocks of 32 elements in float32: a float16 scale `d`, for the `_1` types a float16 minimum `m`, and whole numbers `q`.
/// The first half of a block stands in the low four bits of its bytes, the second in the high.
public final class Blocks {
    private static final int HALF = 16;

    private Blocks() {}

    /// Turns one block into float32.
    @FunctionalInterface
    public interface Block {
        /// @param from holds the block from `at`
        /// @param to   takes its elements from `out`
        void dequantise(byte[] from, int at, float[] to, int out);
    }

    static float half(byte[] from, int at) {
        return Float.float16ToFloat((short) ((from[at] & 0xff) | from[at + 1] << 8));
    }

    private static int bits(byte[] from, int at) {
        return (from[at] & 0xff) | (from[at + 1] & 0xff) << 8 | (from[at + 2] & 0xff) << 16 | from[at + 3] << 24;
    }

    /// `d (q - 8)`
    static void q4x0(byte[] from, int at, float[] to, int out) {
        float d = half(from, at);
        for (int i = 0; i < HALF; i++) {
            int q = from[at + 2 + i];
            to[out + i] = d * ((q & 15) - 8);
            to[out + HALF + i] = d * ((q >> 4 & 15) - 8);
        }
    }

    /// `d q + m`
    static void q4x1(byte[] from, int at, float[] to, int out) {
        float d = half(from, at);
        float m = half(from, at + 2);
        for (int i = 0; i < HALF; i++) {
            int q = from[at + 4 + i];
            to[out + i] = d * (q & 15) + m;
            to[out + HALF + i] = d * (q >> 4 & 15) + m;
        }
    }

    /// `d (q - 16)`; the fifth bits stand together before the rest.
    static void q5x0(byte[] from, int at, float[] to, int out) {
        float d = half(from, at);
        int high = bits(from, at + 2);
        for (int i = 0; i < HALF; i++) {
            int q = from[at + 6 + i];
            to[out + i] = d * ((q & 15 | (high >> i & 1) << 4) - 16);
            to[out + HALF + i] = d * ((q >> 4 & 15 | (high >> i + HALF & 1) << 4) - 16);
        }
    }

    /// `d q + m`; the fifth bits stand together before the rest.
    static void q5x1(byte[] from, int at, float[] to, int out) {
        float d = half(from, at);
        float m = half(from, at + 2);
        int high = bits(from, at + 4);
        for (int i = 0; i < HALF; i++) {
            int q = from[at + 8 + i];
            to[out + i] = d * (q & 15 | (high >> i & 1) << 4) + m;
            to[out + HALF + i] = d * (q >> 4 & 15 | (high >> i + HALF & 1) << 4) + m;
        }
    }

    /// `d q`
    static void q8x0(byte[] from, int at, float[] to, int out) {
        float d = half(from, at);
        for (int i = 0; i < 2 * HALF; i++) {
            to[out + i] = d * from[at + 2 + i];
        }
    }
}
