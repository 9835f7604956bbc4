package dev.sglp.data.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

/// The door to the native library of Hugging Face's tokenizers, loaded at the first use (0.2 s) from the jar that carries
/// it: unpacked once to `~/.djl.ai`, never fetched.
final class NativeTokenizers {
    private static final TokenizersLibrary LIBRARY = load();

    private NativeTokenizers() {}

    static TokenizersLibrary library() {
        return LIBRARY;
    }

    private static TokenizersLibrary load() {
        setUnlessSet("RUST_FLAVOR", "cpu"); // the flavour inside the jar; others would be fetched
        setUnlessSet("ai.djl.offline", "true");
        setUnlessSet("OPT_OUT_TRACKING", "true");
        setUnlessSet("slf4j.internal.verbosity", "ERROR"); // no line about a missing logger
        var library = TokenizersLibrary.LIB;
        LibUtils.checkStatus();
        return library;
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
