package dev.sglp.checkpoint.gguf;

/// Blocks of 256 elements in float32, in groups with small scales of their own below one float16 scale `d` (and for `Q4_K` and
/// `Q5_K` small minima below one float16 `dmin`).
final class KBlocks {
    private static final int GROUPS = 8; // of 32
    private static final int SCALES = 4; // where the scales of Q4_K and Q5_K begin
    private static final int SCALE_BYTES = 12;

    private KBlocks() {}

    /// The scale of a group: six bits, the first four groups' in bytes 0 to 3, the others' in the low halves of bytes 8 to 11
    /// with their top two bits in bytes 0 to 3.
    private static int scale(byte[] from, int scales, int group) {
        return group < 4
                ? from[scales + group] & 63
                : from[scales + group + 4] & 15 | (from[scales + group - 4] >> 6 & 3) << 4;
    }

    /// The minimum of a group: as the scale, in bytes 4 to 7 and the high halves of bytes 8 to 11.
    private static int minimum(byte[] from, int scales, int group) {
        return group < 4
                ? from[scales + group + 4] & 63
                : from[scales + group + 4] >> 4 & 15 | (from[scales + group] >> 6 & 3) << 4;
    }

    /// `d scale q - dmin minimum`; two groups share 32 bytes, four bits each.
    static void q4k(byte[] from, int at, float[] to, int out) {
        float d = Blocks.half(from, at);
        float dmin = Blocks.half(from, at + 2);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * scale(from, at + SCALES, group);
            float minimum = dmin * minimum(from, at + SCALES, group);
            int quants = at + SCALES + SCALE_BYTES + (group >> 1) * 32;
            int shift = (group & 1) << 2;
            for (int i = 0; i < 32; i++) {
                to[out + group * 32 + i] = scale * (from[quants + i] >> shift & 15) - minimum;
            }
        }
    }

    /// As `Q4_K` with a fifth bit: bit `group` of 32 bytes before the rest.
    static void q5k(byte[] from, int at, float[] to, int out) {
        float d = Blocks.half(from, at);
        float dmin = Blocks.half(from, at + 2);
        int high = at + SCALES + SCALE_BYTES;
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * scale(from, at + SCALES, group);
            float minimum = dmin * minimum(from, at + SCALES, group);
            int quants = high + 32 + (group >> 1) * 32;
            int shift = (group & 1) << 2;
            for (int i = 0; i < 32; i++) {
                int q = from[quants + i] >> shift & 15 | (from[high + i] >> group & 1) << 4;
                to[out + group * 32 + i] = scale * q - minimum;
            }
        }
    }

    /// `d scale (q - 32)`: 128 bytes with four low bits, 64 bytes with two high bits, 16 signed scales, `d`. Each half of the
    /// block has four runs of 32 elements.
    static void q6k(byte[] from, int at, float[] to, int out) {
        float d = Blocks.half(from, at + 208);
        for (int run = 0; run < 8; run++) {
            int half = run >> 2;
            int low = at + half * 64 + (run & 1) * 32;
            int high = at + 128 + half * 32;
            int lowShift = (run & 2) << 1;
            int highShift = (run & 3) << 1;
            for (int i = 0; i < 32; i++) {
                int q = (from[low + i] >> lowShift & 15 | (from[high + i] >> highShift & 3) << 4) - 32;
                to[out + run * 32 + i] = d * from[at + 192 + run * 2 + (i >> 4)] * q;
            }
        }
    }
}
