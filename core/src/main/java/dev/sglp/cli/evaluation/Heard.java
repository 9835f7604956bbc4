package dev.sglp.cli.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Readout;
import java.util.Map;
import java.util.Optional;

/// What a language model said of texts, to compare another one with. It owns that; close it.
///
/// @param said by the very data sets
record Heard(Map<Dataset, Readout> said) implements AutoCloseable {
    /// Empty where nothing is compared.
    Optional<Readout> of(Dataset text) {
        return Optional.ofNullable(said.get(text));
    }

    @Override
    public void close() {
        said.values().forEach(Readout::close);
    }
}
