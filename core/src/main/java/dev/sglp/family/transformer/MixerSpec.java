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

    Mixer on(Assembly assembly, String at);
}
