package dev.sglp.importance.stream;

/// How the stream turns between any two places: means over all vectors (tokens, or an example's flattened activation). Place `i` is the
/// input of layer `i`, place N the output of the last.
///
/// @param cosine mean cosine of the vectors at two places, NaN where their shapes differ
/// @param angle  mean of `arccos(cosine) / π`, 0 to 1, NaN where their shapes differ
public record StreamAngles(double[][] cosine, double[][] angle) {}
