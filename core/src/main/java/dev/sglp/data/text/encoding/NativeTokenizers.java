package dev.sglp.data.text.encoding;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The door to the native library of Hugging Face's tokenizers, loaded at the first use (0.2 s) from the jar that carries
/// it: unpacked once to `~/.djl.ai`, never fetched.
public final class NativeTokenizers {
    private static @Nullable TokenizersLibrary loaded;

    private NativeTokenizers() {}

    /// @throws UncheckedIOException where there is none for this machine
    public static synchronized TokenizersLibrary library() {
        var library = loaded;
        if (library == null) {
            library = load();
            loaded = library;
        }
        return library;
    }

    private static TokenizersLibrary load() {
        setUnlessSet("RUST_FLAVOR", "cpu"); // the flavour inside the jar; others would be fetched
        setUnlessSet("ai.djl.offline", "true");
        setUnlessSet("OPT_OUT_TRACKING", "true");
        setUnlessSet("slf4j.internal.verbosity", "ERROR"); // no line about a missing logger
        try {
            LibUtils.checkStatus();
            return TokenizersLibrary.LIB;
        } catch (RuntimeException | LinkageError e) {
            throw new UncheckedIOException(new IOException(
                    "the tokenizer library cannot be loaded (%s). Maybe there is none for %s on %s, or %s cannot be written"
                            .formatted(e, System.getProperty("os.name"), System.getProperty("os.arch"),
                                    System.getProperty("user.home")),
                    e));
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
