package dev.sglp.training.descent;

import dev.sglp.fault.UsageException;
import java.util.List;

/// The learning rate of every step.
///
/// @param peak   the learning rate after the warm-up, `> 0`
/// @param warmUp steps over which it rises from nothing in a straight line, `>= 0`
/// @param shape  how it falls afterwards
public record Schedule(double peak, int warmUp, Shape shape) {
    /// How the learning rate falls.
    public sealed interface Shape {}

    /// Half a cosine down to zero at the last step (Loshchilov and Hutter, arXiv 1608.03983).
    public record Cosine() implements Shape {}

    /// Multiplied by `factor` at each of these fractions of all steps, for instance 0.1 at 0.5 and 0.75.
    ///
    /// @param at     ascending, each in `(0, 1)`
    /// @param factor in `(0, 1)`
    public record Steps(List<Double> at, double factor) implements Shape {
        public Steps {
            at = List.copyOf(at);
            if (at.stream().anyMatch(f -> !(f > 0 && f < 1)) || !at.equals(at.stream().sorted().toList())) {
                throw new UsageException("--schedule: steps lie between 0 and 1, ascending; got " + at);
            }
            if (!(factor > 0 && factor < 1)) {
                throw new UsageException("--schedule: the factor lies between 0 and 1, got " + factor);
            }
        }
    }

    public Schedule {
        if (!(peak > 0 && Double.isFinite(peak))) {
            throw new UsageException("--learning-rate is positive, got " + peak);
        }
        if (warmUp < 0) {
            throw new UsageException("--warm-up is a number of steps, at least 0, got " + warmUp);
        }
    }

    public static Schedule cosine(double peak, int warmUp) {
        return new Schedule(peak, warmUp, new Cosine());
    }

    /// @param step from 0 to below `total`
    public double at(long step, long total) {
        if (step < warmUp) {
            return peak * (step + 1) / (warmUp + 1.0);
        }
        return peak * switch (shape) {
            case Cosine() -> (1 + Math.cos(Math.PI * (step - warmUp) / Math.max(1, total - warmUp))) / 2;
            case Steps(var at, var factor) -> Math.pow(factor, at.stream().filter(f -> step >= f * total).count());
        };
    }
}
