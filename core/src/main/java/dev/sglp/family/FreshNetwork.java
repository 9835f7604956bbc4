package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.model.LayeredModel;

/// A network that has not learned anything yet. It owns its weights; close it.
///
/// @param architecture what it is
/// @param weights      drawn by the family's own initialisation
public record FreshNetwork(Architecture architecture, Weights weights) implements AutoCloseable {
    /// The network on these weights.
    public LayeredModel model() {
        return architecture.build(weights);
    }

    @Override
    public void close() {
        weights.close();
    }
}
