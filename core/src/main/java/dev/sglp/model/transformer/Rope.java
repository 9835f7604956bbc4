package dev.sglp.model.transformer;

/// Rotary positions (Su 2021, arXiv 2104.09864): pair `i` of a head at position `p` is turned by the angle
/// `p · base^(−2i / headSize)`, changed by the scaling.
///
/// @param headSize numbers a head, even; pair `i` is `x[i]` and `x[i + headSize / 2]`
/// @param base     `rope_theta`
public record Rope(int headSize, double base, Scaling scaling) {
    /// How a longer context was reached.
    public sealed interface Scaling {
        /// Not at all.
        record None() implements Scaling {}

        /// Every angle divided by `factor` (arXiv 2306.15595).
        record Linear(double factor) implements Scaling {}

        /// Llama 3.1: slow pairs divided by `factor`, fast ones kept, those between interpolated. A pair is slow where its
        /// wavelength is above `original / lowFactor` positions and fast where it is below `original / highFactor`.
        ///
        /// @param original positions of the first training
        record Llama3(double factor, double lowFactor, double highFactor, int original) implements Scaling {}

        /// The frequency that takes the place of `frequency` (radians a position).
        default double scaled(double frequency) {
            return switch (this) {
                case None _ -> frequency;
                case Linear linear -> frequency / linear.factor;
                case Llama3 llama -> {
                    double turns = llama.original * frequency / (2 * Math.PI);
                    double kept = (turns - llama.lowFactor) / (llama.highFactor - llama.lowFactor);
                    double share = Math.clamp(kept, 0, 1);
                    yield (1 - share) * frequency / llama.factor + share * frequency;
                }
            };
        }
    }

    /// Radians a position for each pair, rounded to float32 as transformers has them.
    public float[] frequencies() {
        var all = new float[headSize / 2];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) scaling.scaled(Math.pow(base, -2.0 * i / headSize));
        }
        return all;
    }
}
