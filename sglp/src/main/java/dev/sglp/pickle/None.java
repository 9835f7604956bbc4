package dev.sglp.pickle;

/// Python's `None`.
public enum None {
    NONE
}
