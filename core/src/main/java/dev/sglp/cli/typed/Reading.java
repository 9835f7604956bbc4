package dev.sglp.cli.typed;

import java.util.Locale;

/// The values of `--reading`: how the paper's score is understood.
public enum Reading {
    ABSENT, KEPT, LETTER, LETTER_ACCUMULATED;

    /// As it is typed.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
