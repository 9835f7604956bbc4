package dev.sglp.data;

import java.io.IOException;

/// Two data roles share items, so a figure measured on one would flatter what was chosen on the other.
public final class OverlapException extends IOException {
    /// What the user can do about it.
    public static final String ADVICE = "The figures would flatter. Name other data with --test, or allow it with --allow-overlap.";

    /// What is said of an overlap that the user allowed.
    public static final String ALLOWED = "Allowed by --allow-overlap: the figures flatter.";

    private static final long serialVersionUID = 1L;

    public OverlapException(String message) {
        super(message);
    }
}
