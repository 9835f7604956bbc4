package dev.sglp.model.transformer.position;

import java.util.List;

/// Rotary positions (Su 2021, arXiv 2104.09864): pair `i` of a head at position `p` is turned by the angle
/// `p · base^(−2i / headSize)`, changed by the scaling.
///
/// @param headSize numbers of a head that are turned, even: its first ones
/// @param base     `rope_theta`
/// @param pairs    which numbers are turned together
public record Rope(int headSize, double base, Scaling scaling, Pairs pairs) {
    /// Pair `i` is `x[i]` and `x[i + headSize / 2]`.
    public Rope(int headSize, double base, Scaling scaling) {
        this(headSize, base, scaling, Pairs.HALVES);
    }

    /// Which numbers of a head are turned together.
    public enum Pairs {
        /// `x[i]` and `x[i + headSize / 2]`.
        HALVES,
        /// `x[2i]` and `x[2i + 1]`.
        NEIGHBOURS
    }

    /// How a longer context was reached.
    public sealed interface Scaling {
        /// Not at all.
        record None() implements Scaling {}

        /// Every angle divided by `factor` (arXiv 2306.15595).
        record Linear(double factor) implements Scaling {}

        /// A larger base the further a text goes beyond what was trained (NTK-aware): `base · (factor · T / original − factor +
        /// 1)^(d / (d − 2))` for `T` positions.
        ///
        /// @param original positions of the first training
        record Dynamic(double factor, int original) implements Scaling {}

        /// Llama 3.1: slow pairs divided by `factor`, fast ones kept, those between interpolated. A pair is slow where its
        /// wavelength is above `original / lowFactor` positions and fast where it is below `original / highFactor`.
        ///
        /// @param original positions of the first training
        record Llama3(double factor, double lowFactor, double highFactor, int original) implements Scaling {}

        /// YaRN (Peng 2023, arXiv 2309.00071): pairs that turn less than `slow` times over `original` positions are divided by
        /// `factor`, those that turn more than `fast` times kept, those between interpolated.
        ///
        /// @param strength what sines and cosines are multiplied by
        /// @param whole    whether the bounds are rounded outwards to whole pairs
        record Yarn(double factor, double strength, double fast, double slow, int original, boolean whole)
                implements
                    Scaling {}

        /// LongRoPE (Ding 2024, arXiv 2402.13753): each pair divided by a factor of its own, other ones for texts longer than
        /// `original`.
        ///
        /// @param strength what sines and cosines are multiplied by
        record LongRope(List<Double> near, List<Double> far, int original, double strength) implements Scaling {}
    }

    /// Radians a position for each pair, rounded to float32 as transformers has them.
    ///
    /// @param length positions of the text
    public float[] frequencies(long length) {
        var all = new float[headSize / 2];
        double used = base(length);
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) scaled(i, Math.pow(used, -2.0 * i / headSize), length);
        }
        return all;
    }

    /// Whether texts of both lengths have the same.
    boolean alike(long length, long other) {
        return switch (scaling) {
            case Scaling.Dynamic dynamic -> Math.max(length, dynamic.original) == Math.max(other, dynamic.original);
            case Scaling.LongRope rope -> length > rope.original == other > rope.original;
            case Scaling.None _, Scaling.Linear _, Scaling.Llama3 _, Scaling.Yarn _ -> true;
        };
    }

    private double base(long length) {
        if (!(scaling instanceof Scaling.Dynamic dynamic) || length <= dynamic.original) {
            return base;
        }
        double longer = dynamic.factor * length / dynamic.original - (dynamic.factor - 1);
        return base * Math.pow(longer, headSize / (headSize - 2.0));
    }

    /// The frequency that takes the place of `frequency` (radians a position).
    private double scaled(int pair, double frequency, long length) {
        return switch (scaling) {
            case Scaling.None _ -> frequency;
            case Scaling.Dynamic _ -> frequency;
            case Scaling.Linear linear -> frequency / linear.factor;
            case Scaling.Llama3 llama -> {
                double turns = llama.original * frequency / (2 * Math.PI);
                double kept = (turns - llama.lowFactor) / (llama.highFactor - llama.lowFactor);
                double share = Math.clamp(kept, 0, 1);
                yield (1 - share) * frequency / llama.factor + share * frequency;
            }
            case Scaling.Yarn yarn -> {
                double low = Math.max(pairTurning(yarn.fast, yarn, -1), 0);
                double high = Math.min(pairTurning(yarn.slow, yarn, 1), headSize - 1);
                double slow = Math.clamp((pair - low) / (low == high ? 0.001 : high - low), 0, 1);
                yield slow * frequency / yarn.factor + (1 - slow) * frequency;
            }
            case Scaling.LongRope rope -> frequency / (length > rope.original ? rope.far : rope.near).get(pair);
        };
    }

    /// The pair, counted with fractions, that turns so often over the first training's positions.
    ///
    /// @param side to which it is rounded where the scaling says so
    private double pairTurning(double times, Scaling.Yarn yarn, int side) {
        double pair = headSize * Math.log(yarn.original / (times * 2 * Math.PI)) / (2 * Math.log(base));
        return !yarn.whole ? pair : side < 0 ? Math.floor(pair) : Math.ceil(pair);
    }

    /// What sines and cosines are multiplied by.
    public double strength() {
        return switch (scaling) {
            case Scaling.Yarn yarn -> yarn.strength;
            case Scaling.LongRope rope -> rope.strength;
            case Scaling.None _ -> 1;
            case Scaling.Linear _ -> 1;
            case Scaling.Dynamic _ -> 1;
            case Scaling.Llama3 _ -> 1;
        };
    }
}
