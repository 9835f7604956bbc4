package dev.sglp.fault;

import org.jspecify.annotations.Nullable;

/// A setting is wrong, or does not go with another or with the network: the message names the flag. Thrown where settings are
/// checked. Any other `IllegalArgumentException` is a mistake of the program that calls, be it this one.
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
