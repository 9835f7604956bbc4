package dev.sglp.family.convolution;

import dev.sglp.model.convolution.Shortcut;
import dev.sglp.model.convolution.step.Chain;
import java.util.List;

/// The way around a block's branch, as data.
public sealed interface ShortcutSpec {
    /// Its steps; none where it has no parameters.
    default List<StepSpec> steps() {
        return List.of();
    }

    /// What runs.
    ///
    /// @param chain its steps
    Shortcut on(Chain chain);

    /// There is none.
    record None() implements ShortcutSpec {
        @Override
        public Shortcut on(Chain chain) {
            return new Shortcut.None();
        }
    }

    /// What went in.
    record Identity() implements ShortcutSpec {
        @Override
        public Shortcut on(Chain chain) {
            return new Shortcut.Identity();
        }
    }

    /// Every so manieth pixel, and zero channels (option A).
    ///
    /// @param padding zero channels, half before and half after
    record Subsample(long step, long padding) implements ShortcutSpec {
        @Override
        public Shortcut on(Chain chain) {
            return new Shortcut.Subsample(step, padding);
        }
    }

    /// Steps of its own (option B).
    ///
    /// @param behind it begins behind so many steps of the branch
    record Projection(List<StepSpec> steps, int behind) implements ShortcutSpec {
        public Projection {
            steps = List.copyOf(steps);
        }

        @Override
        public Shortcut on(Chain chain) {
            return new Shortcut.Projection(chain, behind);
        }
    }
}
