package dev.sglp.family.transformer;

import dev.sglp.model.transformer.mixer.Experts;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// Experts of which each token asks a few.
///
/// @param router     `[E, D]`
/// @param prefix     what stands before an expert's number, for instance `mlp.experts.`
/// @param expert     one of them, by its names behind the number
/// @param count      how many there are
/// @param top        how many a token asks
/// @param normalised whether the probabilities of those add up to 1
public record ExpertsSpec(LinearSpec router, String prefix, MlpSpec expert, int count, int top, boolean normalised,
        Optional<Shared> shared) implements MixerSpec {
    /// One that every token asks.
    ///
    /// @param gate how much of it counts
    public record Shared(MlpSpec expert, LinearSpec gate) {}

    private String at(String at, int number) {
        return at + prefix + number + ".";
    }

    @Override
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = router.shapes(at);
        for (int i = 0; i < count; i++) {
            all.putAll(expert.shapes(at(at, i)));
        }
        shared.ifPresent(s -> {
            all.putAll(s.expert.shapes(at));
            all.putAll(s.gate.shapes(at));
        });
        return all;
    }

    /// Of the experts that a token asks.
    @Override
    public long macs(long length) {
        return router.macs() + top * expert.macs(length)
                + shared.map(s -> s.expert.macs(length) + s.gate.macs()).orElse(0L);
    }

    @Override
    public boolean lastMapAlone() {
        return false;
    }

    /// The shared expert's.
    @Override
    public boolean oneLastMap() {
        return shared.isPresent();
    }

    @Override
    public Experts on(Assembly assembly, String at) {
        return new Experts(router.on(assembly, at),
                IntStream.range(0, count).mapToObj(i -> expert.on(assembly, at(at, i))).toList(), top, normalised,
                shared.map(s -> new Experts.Shared(s.expert.on(assembly, at), s.gate.on(assembly, at))));
    }
}
