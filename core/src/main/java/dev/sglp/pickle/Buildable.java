package dev.sglp.pickle;

import java.io.IOException;

/// A value whose state follows it in the pickle (Python's `__setstate__`).
@FunctionalInterface
public interface Buildable {
    /// The finished value, which takes this one's place on the stack and in the memo.
    ///
    /// @throws IOException where the state is not one of this type
    Object build(Object state) throws IOException;
}
