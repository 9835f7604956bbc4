package dev.sglp.fault;

/// Weights or data with which there is nothing to compute, found out while computing: the message says what to do. What is wrong
/// with a file itself is an `IOException` of whoever reads it.
public final class InputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InputException(String message) {
        super(message);
    }
}
