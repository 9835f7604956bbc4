package dev.sglp.pickle;

import java.io.IOException;

/// A pickle asks for something that would run code. It was not run.
public final class UnsafePickleException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param found what it asks for, for instance `os.system`
    UnsafePickleException(String file, String found) {
        super("[%s] asks for '%s'. Reading a pickle must not run code, so nothing was run and the file is refused. Maybe it holds a whole model object: save model.state_dict() instead, or safetensors"
                .formatted(file, found));
    }
}
