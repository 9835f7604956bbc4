package dev.sglp.output;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A result could not be written: the machine's trouble, not the input's.
public final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;

    public OutputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
