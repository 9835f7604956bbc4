package dev.sglp.data.source;

import java.util.Locale;

/// Shapes as signed distances, about one unit in radius: below zero inside, above outside. Only exactly rounded
/// arithmetic (and square roots), so that the last bit is the same everywhere.
enum Shape {
    CIRCLE {
        @Override
        double distance(double x, double y) {
            return length(x, y) - 0.8;
        }
    },
    RING {
        @Override
        double distance(double x, double y) {
            return Math.abs(length(x, y) - 0.68) - 0.2;
        }
    },
    SQUARE {
        @Override
        double distance(double x, double y) {
            return box(x, y, 0.72, 0.72);
        }
    },
    TRIANGLE {
        @Override
        double distance(double x, double y) {
            return Math.max(Math.abs(x) * COS30 + y * 0.5, -y) - 0.48;
        }
    },
    STAR {
        @Override
        double distance(double x, double y) { // mirrored into the tenth beside the upper point, which has one edge
            double a = Math.abs(x);
            double over = 2 * Math.max(a * COS36 - y * SIN36, 0);
            a -= over * COS36;
            double b = y + over * SIN36;
            double under = 2 * Math.max(-a * COS36 - b * SIN36, 0);
            a += under * COS36;
            b += under * SIN36;
            return Math.abs(a) * 0.9366 + (b - 1) * 0.3502;
        }
    },
    CROSS {
        @Override
        double distance(double x, double y) {
            return Math.min(box(x, y, 0.9, 0.27), box(x, y, 0.27, 0.9));
        }
    },
    CRESCENT {
        @Override
        double distance(double x, double y) {
            return Math.max(length(x + 0.1, y) - 0.85, 0.68 - length(x - 0.32, y));
        }
    },
    HEART {
        @Override
        double distance(double x, double y) { // two discs and the tip between them
            double a = Math.abs(x);
            double discs = length(a - 0.4, y - 0.3) - 0.46;
            double tip = Math.max((a - y) * ROOT_HALF - 0.53, (a + y) * ROOT_HALF - 0.495);
            return Math.min(discs, Math.max(tip, y - 0.4));
        }
    },
    ARROW {
        @Override
        double distance(double x, double y) {
            double head = Math.max(Math.abs(x) * ROOT_HALF + y * ROOT_HALF - 0.64, -y + 0.08);
            return Math.min(head, box(x, y + 0.4, 0.22, 0.52));
        }
    },
    HEXAGON {
        @Override
        double distance(double x, double y) {
            return Math.max(Math.abs(y), Math.abs(x) * COS30 + Math.abs(y) * 0.5) - 0.74;
        }
    };

    private static final double COS30 = 0.8660254037844386;
    private static final double ROOT_HALF = 0.7071067811865476;
    private static final double COS36 = 0.8090169943749475;
    private static final double SIN36 = 0.5877852522924731;

    /// How far `(x, y)` is outside, y upwards; about right near the edge, which is all that drawing needs.
    abstract double distance(double x, double y);

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    static double length(double x, double y) {
        return Math.sqrt(x * x + y * y);
    }

    static double box(double x, double y, double halfWidth, double halfHeight) {
        return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
    }
}
