package dev.sglp.training;

import java.util.List;

/// The learning rate at every step.
public sealed interface Schedule {
    /// @param step  from 0
    /// @param steps in all
    double rate(int step, int steps);

    /// Up in a straight line for `warmup` steps, then half a cosine down to 0 (arXiv 1608.03983).
    record Cosine(double peak, int warmup) implements Schedule {
        public Cosine {
            check(peak, warmup);
        }

        @Override
        public double rate(int step, int steps) {
            int warm = Math.min(warmup, steps / 5);
            double done = (step - warm) / (double) Math.max(1, steps - warm);
            return step < warm ? peak * (step + 1) / warm : peak * (1 + Math.cos(Math.PI * done)) / 2;
        }
    }

    /// Up in a straight line for `warmup` steps, then constant, times `factor` at each of `milestones`.
    ///
    /// @param milestones fractions of all steps, ascending
    record Step(double peak, int warmup, double factor, List<Double> milestones) implements Schedule {
        public Step {
            check(peak, warmup);
            milestones = List.copyOf(milestones);
        }

        @Override
        public double rate(int step, int steps) {
            int warm = Math.min(warmup, steps / 5);
            long passed = milestones.stream().filter(m -> step >= m * steps).count();
            return step < warm ? peak * (step + 1) / warm : peak * Math.pow(factor, passed);
        }
    }

    private static void check(double peak, int warmup) {
        if (!(peak > 0) || warmup < 0) {
            throw new IllegalArgumentException(
                    "--learning-rate is positive and --warmup at least 0, got %s and %d".formatted(peak, warmup));
        }
    }
}
