package dev.sglp.report;

import dev.sglp.evaluation.Machine;
import java.util.Locale;

/// Numbers as people read them: `853.0 K`, `125.5 MMACs`, `3.4 MB`, `12.3 ms`, `83.20 %`. Decimal prefixes; `–` for a
/// number that is not finite.
public final class Human {
    private static final String NONE = "–";

    private Human() {}

    /// `853.0 K`, `27.6 M`, `6.7 B`.
    public static String parameters(long count) {
        return scaled(count, "K", "M", "B", "T");
    }

    /// `125.5 MMACs`; one MAC is one multiplication and one addition.
    public static String macs(long count) {
        return count < 1000 ? count + " MACs" : scaled(count, "K", "M", "G", "T") + "MACs";
    }

    /// `3.4 MB`, with 1 MB = 10⁶ bytes.
    public static String bytes(long count) {
        return count < 1000 ? count + " B" : scaled(count, "kB", "MB", "GB", "TB");
    }

    /// `12.3 ms`, from milliseconds.
    public static String millis(double ms) {
        if (!Double.isFinite(ms)) {
            return NONE;
        }
        return ms >= 1000 ? seconds(ms / 1000) : format(ms < 1 ? "%.3f ms" : ms < 10 ? "%.2f ms" : "%.1f ms", ms);
    }

    /// `11.9 to 13.0`, from milliseconds, in the {@link #unit} and with the digits of a longest time.
    public static String spread(double longest, double low, double high) {
        double unit = longest >= 1000 ? 1000 : 1;
        double size = longest / unit;
        return format(
                size < 1 ? "%.3f to %.3f" : size < 10 ? "%.2f to %.2f" : size < 100 ? "%.1f to %.1f" : "%.0f to %.0f",
                low / unit, high / unit);
    }

    /// `ms` or `s`, for times up to so many milliseconds.
    public static String unit(double longest) {
        return longest >= 1000 ? "s" : "ms";
    }

    /// `3 ms`, `0.41 s`, `12.3 s`, `2 min 05 s`, `1 h 03 min`.
    public static String seconds(double s) {
        if (!Double.isFinite(s)) {
            return NONE;
        }
        if (s < 0.0995) {
            return format("%.0f ms", 1000 * s);
        }
        if (s < 59.95) {
            return format(s < 1 ? "%.2f s" : "%.1f s", s);
        }
        long whole = Math.round(s);
        return whole < 3600
                ? format("%d min %02d s", whole / 60, whole % 60)
                : format("%d h %02d min", whole / 3600, whole % 3600 / 60);
    }

    /// With a capital letter.
    public static String capitalised(String word) {
        return word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    /// `83.20 %`, from a fraction of 1.
    public static String percent(double fraction) {
        return Double.isFinite(fraction) ? format("%.2f %%", 100 * fraction) : NONE;
    }

    /// Four digits after the point, for losses and scores; six significant digits where it is tiny or huge.
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        return minus(format(size != 0 && (size < 1e-3 || size >= 1e6) ? "%.3e" : "%.4f", value));
    }

    /// `1,234,567`.
    public static String whole(long count) {
        return format("%,d", count);
    }

    /// Above the command of a page.
    public static String origin(Machine m) {
        return "The command that gives this result, run in %s at %s.".formatted(m.directory(), m.started());
    }

    /// `AMD EPYC 7B13, 2 logical cores, 1 thread used, 16.8 GB of memory; Linux 6.1.0 amd64; Java 25.0.1; libtorch 2.10.0`.
    public static String machine(Machine m) {
        return "%s, %d logical core%s, %d thread%s used%s; %s; Java %s%s".formatted(m.cpu(), m.logicalCores(),
                m.logicalCores() == 1 ? "" : "s", m.threads(), m.threads() == 1 ? "" : "s",
                m.memoryBytes() == 0 ? "" : ", " + bytes(m.memoryBytes()) + " of memory", m.os(), m.java(),
                m.libtorch() == null ? "" : "; libtorch " + m.libtorch());
    }

    /// The change of a cost: `−22.0 % · 1.28×`, where 1.28 is how many times as much the old one was.
    public static String change(double from, double to) {
        var share = share(from, to);
        return share.isEmpty() || share.equals("same") ? share : share + format(" · %.2f×", from / to);
    }

    /// The change of a quantity in percent of the old one: `−22.0 %`, `+6.0e+10 %`.
    public static String share(double from, double to) {
        if (!(from > 0) || !(to > 0) || !Double.isFinite(from / to)) {
            return "";
        }
        double percent = 100 * (to / from - 1);
        return Math.abs(percent) < 0.05 ? "same" : signed(percent < 1e5 ? "%+.1f %%" : "%+.1e %%", percent);
    }

    /// The change of a fraction in percentage points: `−1.30 points`.
    public static String points(double from, double to) {
        return signed("%+.2f points", 100 * (to - from));
    }

    /// `+0.0421`.
    public static String difference(double from, double to) {
        return signed("%+.4f", to - from);
    }

    private static String signed(String pattern, double value) {
        return Double.isFinite(value) ? minus(format(pattern, value + 0.0)) : "";
    }

    private static String scaled(long count, String... units) {
        double value = count;
        int unit = -1;
        while (value >= 999.95 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit < 0 ? String.valueOf(count) : format("%.1f %s", value, units[unit]);
    }

    private static String minus(String text) {
        return text.replace('-', '−');
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
