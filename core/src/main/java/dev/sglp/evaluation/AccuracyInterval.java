package dev.sglp.evaluation;

/// Between which values an accuracy lies, by Wilson's 95 % interval, which is never empty: ten right answers of ten do not make
/// 100 % sure.
///
/// @param low  in [0, 1]
/// @param high in [0, 1]
public record AccuracyInterval(double low, double high) {
    private static final double Z = 1.959964; // of the normal distribution, 95 %

    /// @param accuracy the share of right answers
    /// @param examples how many were asked, at least 1
    public static AccuracyInterval of(double accuracy, long examples) {
        double scale = 1 + Z * Z / examples;
        double middle = accuracy + Z * Z / (2 * examples);
        double half = Z * Math.sqrt(accuracy * (1 - accuracy) / examples + Z * Z / (4.0 * examples * examples));
        return new AccuracyInterval((middle - half) / scale, (middle + half) / scale);
    }

    public double halfWidth() {
        return (high - low) / 2;
    }
}
