package dev.sglp.preparation;

import dev.sglp.fault.UsageException;

/// What a picture is resized to.
public sealed interface Extent {
    /// The size of a picture then.
    Size of(Size picture);

    /// Its shorter side has so many pixels, the other as many as its proportions ask for, rounded down.
    record Shortest(int edge) implements Extent {
        public Shortest {
            check(edge);
        }

        @Override
        public Size of(Size picture) {
            long shorter = Math.min(picture.height(), picture.width());
            return new Size(side(picture.height(), shorter), side(picture.width(), shorter));
        }

        private int side(long pixels, long shorter) {
            return (int) Math.min(Integer.MAX_VALUE, edge * pixels / shorter);
        }

        @Override
        public String toString() {
            return String.valueOf(edge);
        }
    }

    /// Its sides, whatever its proportions were.
    record Exact(Size size) implements Extent {
        @Override
        public Size of(Size picture) {
            return size;
        }

        @Override
        public String toString() {
            return size.toString();
        }
    }

    /// It is as small as it can be while no side is smaller than these; its proportions stay.
    record Covering(Size size) implements Extent {
        @Override
        public Size of(Size picture) {
            double ratio = Math.min((double) picture.height() / size.height(), (double) picture.width() / size.width());
            return new Size((int) Math.rint(picture.height() / ratio), (int) Math.rint(picture.width() / ratio));
        }

        @Override
        public String toString() {
            return "cover " + size;
        }
    }

    /// In pixels; both at least 1.
    record Size(int height, int width) {
        public Size {
            check(height);
            check(width);
        }

        @Override
        public String toString() {
            return "%d×%d".formatted(width, height);
        }
    }

    private static void check(int pixels) {
        if (pixels < 1) {
            throw new UsageException("pictures have sides of at least 1 pixel, got %d".formatted(pixels));
        }
    }
}
