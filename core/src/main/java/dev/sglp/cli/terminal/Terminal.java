package dev.sglp.cli.terminal;

import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The terminal as the launcher found it; Java alone cannot tell where standard error goes.
public final class Terminal {
    private static final int USUAL = 100;
    /// Below it no flag and its description fit beside each other, above it lines are hard to follow.
    private static final int NARROWEST = 60;
    private static final int WIDEST = 160;

    private Terminal() {}

    /// Whether somebody watches standard error.
    public static boolean isWatched() {
        return Boolean.getBoolean("sglp.terminal");
    }

    /// How wide a text may be: `COLUMNS`, else the width of the window, else 100; from 60 to 160.
    public static int textColumns() {
        int columns = IntStream.concat(asked().stream(), number("sglp.window").stream()).findFirst().orElse(USUAL);
        return Math.clamp(columns, NARROWEST, WIDEST);
    }

    /// The width that the user set by `COLUMNS`; empty: that of the window, whatever it is at the moment.
    public static OptionalInt asked() {
        return number("sglp.columns");
    }

    private static OptionalInt number(String property) {
        int columns = Integer.getInteger(property, 0); // 0 too where it is no number
        return columns > 0 ? OptionalInt.of(columns) : OptionalInt.empty();
    }
}
