package dev.sglp.pickle;

/// Python's `None`; no `null` leaves the unpickler.
public enum None {
    NONE;

    @Override
    public String toString() {
        return "None";
    }
}
