package dev.sglp.model.vision;

/// Cubic resampling along one axis, as PyTorch does it.
final class Cubic {
    private static final double PLAIN = -0.75; // how far the kernel bends below 0
    private static final double ANTIALIASED = -0.5;

    private Cubic() {}

    /// What each old place gives to each new one, row by row: `[to, from]`. Places beyond the border are those at it.
    static float[] weights(int from, int to) {
        var all = new float[to * from];
        double scale = (double) from / to;
        for (int o = 0; o < to; o++) {
            double centre = (o + 0.5) * scale - 0.5;
            int first = (int) Math.floor(centre) - 1;
            for (int i = first; i < first + 4; i++) {
                all[o * from + Math.clamp(i, 0, from - 1)] += (float) kernel(i - centre, PLAIN);
            }
        }
        return all;
    }

    /// The same with a kernel as wide as the reduction. Places beyond the border are left out.
    static float[] antialiased(int from, int to) {
        var all = new float[to * from];
        double scale = (double) from / to;
        double wide = Math.max(scale, 1);
        for (int o = 0; o < to; o++) {
            double centre = (o + 0.5) * scale;
            int first = Math.max(0, (int) (centre - 2 * wide + 0.5));
            int last = Math.min(from, (int) (centre + 2 * wide + 0.5));
            double sum = 0;
            for (int i = first; i < last; i++) {
                sum += kernel((i - centre + 0.5) / wide, ANTIALIASED);
            }
            for (int i = first; i < last; i++) {
                all[o * from + i] = (float) (kernel((i - centre + 0.5) / wide, ANTIALIASED) / sum);
            }
        }
        return all;
    }

    private static double kernel(double at, double a) {
        double x = Math.abs(at);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
    }
}
