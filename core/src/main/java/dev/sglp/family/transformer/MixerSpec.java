package dev.sglp.family.transformer;

import dev.sglp.model.transformer.mixer.Mixer;
import java.util.List;
import java.util.SequencedMap;

/// What a sublayer computes.
public sealed interface MixerSpec permits AttentionSpec, MlpSpec, ExpertsSpec {
    /// @param at what stands before the names of its tensors
    SequencedMap<String, List<Long>> shapes(String at);

    /// Multiply-accumulate operations a token.
    ///
    /// @param length tokens of a text
    long macs(long length);

    /// Whether all it gives goes through one last map, or what does not stays as it is. Several maps of which each token asks some can be
    /// fitted where nothing stands beside them.
    default boolean oneLastMap() {
        return true;
    }

    /// Whether it gives what that map gives and nothing besides.
    default boolean lastMapAlone() {
        return oneLastMap();
    }

    Mixer on(Assembly assembly, String at);
}
