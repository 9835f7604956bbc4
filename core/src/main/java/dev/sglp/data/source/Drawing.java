package dev.sglp.data.source;

import dev.sglp.data.item.Rgb;
import dev.sglp.tensor.SplitMix;

/// One glyph, drawn with the random numbers given.
final class Drawing {
    private static final int SIDE = Glyphs.SIDE;
    private static final int PLANE = SIDE * SIDE;

    private final SplitMix random;
    private final double[] canvas = new double[3 * PLANE]; // [3, H, W], 0 to 255

    Drawing(SplitMix random) {
        this.random = random;
    }

    Rgb draw(Shape shape) {
        double[] ground = colour();
        ground(ground);
        blobs(1 + random.below(3), 3.5);
        glyph(shape, ink(ground));
        lines(random.below(3));
        blobs(random.below(2), 2.6);
        return noisy();
    }

    private double[] colour() {
        return new double[]{random.between(20, 235), random.between(20, 235), random.between(20, 235)};
    }

    /// A colour that differs from the ground by 45 to 150 grey levels in root mean square.
    private double[] ink(double[] ground) {
        double wanted = random.between(45, 150);
        for (int attempt = 0;; attempt++) {
            double[] ink = colour();
            double sum = 0;
            for (int c = 0; c < 3; c++) {
                sum += (ink[c] - ground[c]) * (ink[c] - ground[c]);
            }
            if (Math.sqrt(sum / 3) > wanted || attempt == 20) {
                return towards(ground, ink, Math.min(1, wanted / Math.max(1, Math.sqrt(sum / 3))));
            }
        }
    }

    private static double[] towards(double[] from, double[] to, double part) {
        return new double[]{from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1]),
                from[2] + part * (to[2] - from[2])};
    }

    /// The ground's colour with a slope of brightness.
    private void ground(double[] colour) {
        double dx = random.between(-1.5, 1.5);
        double dy = random.between(-1.5, 1.5);
        for (int i = 0; i < canvas.length; i++) {
            int pixel = i % PLANE;
            canvas[i] = colour[i / PLANE] + dx * (pixel % SIDE - SIDE / 2) + dy * (pixel / SIDE - SIDE / 2);
        }
    }

    private void glyph(Shape shape, double[] colour) {
        double angle = random.between(0, 2 * Math.PI);
        double radius = random.between(7, 13);
        double cx = SIDE / 2.0 + random.between(-1, 1) * (15.5 - radius);
        double cy = SIDE / 2.0 + random.between(-1, 1) * (15.5 - radius);
        double cos = StrictMath.cos(angle) / radius;
        double sin = StrictMath.sin(angle) / radius;
        double wide = random.between(0.85, 1.18); // squeezed a little one way
        paint(colour, (x, y) -> {
            double u = (x - cx) * cos + (y - cy) * sin;
            double v = (y - cy) * cos - (x - cx) * sin;
            return shape.distance(u * wide, v / wide) * radius;
        });
    }

    private void lines(int count) {
        for (int i = 0; i < count; i++) {
            double angle = random.between(0, Math.PI);
            double nx = StrictMath.cos(angle);
            double ny = StrictMath.sin(angle);
            double offset = random.between(-12, 12);
            double half = random.between(0.5, 1.3);
            paint(colour(), (x, y) -> Math.abs((x - SIDE / 2.0) * nx + (y - SIDE / 2.0) * ny - offset) - half);
        }
    }

    private void blobs(int count, double largest) {
        for (int i = 0; i < count; i++) {
            double cx = random.between(0, SIDE);
            double cy = random.between(0, SIDE);
            double radius = random.between(1.2, largest);
            paint(colour(), (x, y) -> Shape.length(x - cx, y - cy) - radius);
        }
    }

    /// Signed distance to a figure, in pixels.
    private interface Figure {
        double distance(double x, double y);
    }

    /// Colours what lies inside, with edges one pixel wide.
    private void paint(double[] colour, Figure figure) {
        for (int pixel = 0; pixel < PLANE; pixel++) {
            double cover = 0.5 - figure.distance(pixel % SIDE + 0.5, pixel / SIDE + 0.5);
            if (cover > 0) {
                double part = Math.min(1, cover);
                for (int c = 0; c < 3; c++) {
                    double under = canvas[c * PLANE + pixel];
                    canvas[c * PLANE + pixel] = under + part * (colour[c] - under);
                }
            }
        }
    }

    /// The canvas in bytes, with noise of 4 to 18 grey levels (the sum of four uniform numbers, nearly Gaussian).
    private Rgb noisy() {
        double sigma = random.between(4, 18);
        double scale = sigma / 147.8; // the standard deviation of a sum of four bytes
        var image = Rgb.empty(SIDE, SIDE);
        for (int i = 0; i < canvas.length; i += 2) {
            long bits = random.nextLong();
            image.planes()[i] = quantised(canvas[i], bits, scale);
            image.planes()[i + 1] = quantised(canvas[i + 1], bits >>> 32, scale);
        }
        return image;
    }

    private static byte quantised(double value, long bits, double scale) {
        long sum = (bits & 0xFF) + (bits >>> 8 & 0xFF) + (bits >>> 16 & 0xFF) + (bits >>> 24 & 0xFF);
        return (byte) Math.clamp((long) (value + (sum - 510) * scale + 0.5), 0, 255);
    }
}
