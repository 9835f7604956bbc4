package dev.sglp.importance.stream;

/// What can be made of the stream between a network's layers.
public enum Hearing {
    /// How far each layer turns it: {@link dev.sglp.importance.BlockInfluence}.
    INFLUENCE,
    /// How it turns between any two places: {@link StreamAngles}.
    ANGLES,
    /// The same between places that lie one layer apart, or as many as go.
    RUNS,
    /// How far the answers move without each layer: {@link dev.sglp.importance.Kl}.
    DIVERGENCES,
    /// The loss without each layer: {@link dev.sglp.importance.LossWhenAbsent}.
    LOSSES
}
