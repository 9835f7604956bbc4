package dev.sglp.cli.terminal;

import java.util.List;
import java.util.Locale;

/// Colours, where they are shown: on a terminal that has them, unless `NO_COLOR` is set. Pipes and files get plain text.
public enum Ink {
    RED("\u001b[1;31m"), YELLOW("\u001b[1;33m");

    private static final String END = "\u001b[0m";

    /// Where a text goes.
    public enum Paper {
        OUT, ERR;

        /// Whether it shows colours.
        public boolean takesInk() {
            return List.of(System.getProperty("sglp.colour", "").split(","))
                    .contains(name().toLowerCase(Locale.ROOT));
        }
    }

    private final String begin;

    Ink(String begin) {
        this.begin = begin;
    }

    /// The text as it is written there.
    public String on(Paper paper, String text) {
        return paper.takesInk() ? begin + text + END : text;
    }
}
