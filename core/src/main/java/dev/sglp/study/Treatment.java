package dev.sglp.study;

import dev.sglp.data.Dataset;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.training.FineTuning;
import dev.sglp.training.Healing;
import dev.sglp.training.NoHealing;
import dev.sglp.training.TrainingSettings;
import java.util.function.Supplier;

/// What is done to a network after the removal.
///
/// @param name     `none`, `bn`, `refit`, `refit-gaps λ 0.1`, `1 epoch`, `3 epochs`
/// @param settings everything it depends on, in words
/// @param healing  how
/// @param epochs   of training; 0 for none
/// @param repair   before that
public record Treatment(String name, String settings, Healing healing, int epochs, Repair repair) {
    public static Treatment of(Healing healing) {
        return new Treatment(healing.name(), healing.name(), healing, 0, new NoRepair());
    }

    /// A repair alone.
    public static Treatment of(Repair repair) {
        var words = repair.words().isEmpty() ? repair.name() : "%s, %s".formatted(repair.name(), repair.words());
        return new Treatment(repair.leastSquares().map(refit -> named(repair, refit)).orElseGet(repair::name), words,
                new NoHealing(), 0,
                repair);
    }

    private static String named(Repair repair, Refit refit) {
        return repair.name() + (refit.gaps() ? "-gaps" : "")
                + (refit.ridge() == Refit.OWN ? "" : " λ " + Double.toString(refit.ridge()).replaceAll("\\.0$", ""));
    }

    /// Training of the whole network on the labels.
    public static Treatment training(TrainingSettings settings, Supplier<? extends Dataset> items) {
        int n = settings.epochs();
        return new Treatment(n == 1 ? "1 epoch" : n + " epochs", settings.toString(),
                FineTuning.of(settings, items), n, new NoRepair());
    }

    /// Whether nothing is done at all.
    boolean leavesAsIs() {
        return healing instanceof NoHealing && !repairs();
    }

    boolean repairs() {
        return !(repair instanceof NoRepair);
    }

    boolean trains() {
        return epochs > 0;
    }
}
