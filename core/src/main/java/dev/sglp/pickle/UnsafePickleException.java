package dev.sglp.pickle;

import java.io.IOException;

/// A pickle wants something that is not in the caller's list. Nothing was run; the file is refused as a whole.
public final class UnsafePickleException extends IOException {
    private static final long serialVersionUID = 1;

    private final String found;

    UnsafePickleException(String message, String found) {
        super(message);
        this.found = found;
    }

    /// What the pickle asked for, for instance `os.system`.
    public String found() {
        return found;
    }
}
