package dev.sglp;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.RepairSummary;
import dev.sglp.pruning.RepairSummary.Layer;
import dev.sglp.repair.Repair;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repaired;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.dense.DenseSums;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Repairs what a removal left, and keeps the longest beginning of the repaired layers that lowers the loss on data that it was not
/// fitted on.
///
/// @param dense   the whole network
/// @param removed the layers that go
/// @param data    what it is fitted on and checked with
/// @param how     the repair, and what it runs with
public record Mending(LayeredModel dense, LayerSet removed, DataRoles data, How how) {
    private static final int TOKENS = 2048; // of a forward pass
    private static final int TOGETHER = 4; // beginnings that are checked at a time

    /// @param batchSize examples a forward pass; of text as many as make some thousand tokens
    /// @param seed      of everything random
    /// @param sums      has what the dense network made of the same data before
    public record How(Repair repair, int batchSize, long seed, DenseSums sums) {
        static How of(Recipe recipe, DenseSums sums) {
            return new How(recipe.repair(), recipe.compute().batchSize(), recipe.compute().seed(), sums);
        }
    }

    /// @param repaired what is kept; close it
    public record Found(Repaired repaired, RepairSummary summary) {}

    /// @param writing what a changed tensor becomes when it is stored
    public Found with(Writing writing, Progress progress) {
        return with(writing, Notebook.none(), progress);
    }

    /// The same, going on where a run was stopped.
    public Found with(Writing writing, Notebook notebook, Progress progress) {
        var fit = data.repair().fit();
        var task = new RepairTask(dense, removed, fit, batchSize(fit), writing::stored,
                notebook.repair(question(how.repair, removed, fit, batchSize(fit), writing))).knowing(how.sums);
        var repaired = how.repair.repair(task, progress);
        try {
            return checked(repaired, progress);
        } catch (RuntimeException | Error e) {
            repaired.close();
            throw e;
        }
    }

    /// Everything that the fits of a repair depend on besides the network, in words.
    static String question(Repair repair, LayerSet removed, Dataset fit, int batchSize, Writing writing) {
        return "without %s; %s; on %s, batches of %d; as %s".formatted(removed, repair, fit.digest(), batchSize,
                writing.words());
    }

    /// A repair holds activations of every layer's last map: some windows of text at a time.
    private int batchSize(Dataset items) {
        return batchSize(dense, items, how.batchSize);
    }

    static int batchSize(LayeredModel dense, Dataset items, int usual) {
        return dense.layout().tokens()
                ? Math.toIntExact(
                        Math.max(1, TOKENS * (long) items.size() / items.places(0, items.size())))
                : usual;
    }

    private Found checked(Repaired repaired, Progress progress) {
        int tried = repaired.changes().size();
        var check = data.repair().check();
        if (tried == 0 || check.size() == 0) {
            return new Found(repaired, summary(repaired, tried, null, progress));
        }
        try (var step = progress.step("checking the repair on %d other items".formatted(check.size()), tried,
                "layers")) {
            var losses = best(repaired, tried, step::say);
            step.advance(tried);
            return new Found(repaired, summary(repaired, tried, losses, progress));
        }
    }

    /// Keeps the longest beginning that lowers the loss: mostly all of it, which is tried first.
    private Losses best(Repaired repaired, int tried, Consumer<String> told) {
        var first = loss(repaired, List.of(0, tried), told);
        double plain = first[0];
        if (first[1] < plain) {
            return new Losses(plain, first[1]);
        }
        for (int to = tried - 1; to > 0; to -= TOGETHER) {
            var beginnings = IntStream.iterate(to, n -> n > 0, n -> n - 1).limit(TOGETHER).boxed().toList();
            var losses = loss(repaired, beginnings, told);
            for (int i = 0; i < losses.length; i++) {
                if (losses[i] < plain) {
                    repaired.keep(beginnings.get(i));
                    return new Losses(plain, losses[i]);
                }
            }
        }
        repaired.keep(0);
        return new Losses(plain, plain);
    }

    private record Losses(double before, double after) {}

    private double[] loss(Repaired repaired, List<Integer> beginnings, Consumer<String> told) {
        var check = data.repair().check();
        return new NetworkLosses(Measure.LOSS, Pass.evaluation()).of(dense,
                beginnings.stream().map(repaired::network).toList(),
                new Calibration(check, batchSize(check), how.seed), told);
    }

    private RepairSummary summary(Repaired repaired, int tried, @Nullable Losses losses, Progress progress) {
        var notes = new ArrayList<>(repaired.notes());
        int kept = repaired.changes().size();
        if (kept < tried) {
            notes.add(kept == 0
                    ? "The repair lowers the loss on other data nowhere: nothing of it is kept."
                    : "Of %d repaired layers the first %d are kept: with more of them the loss on other data is no lower than without any."
                            .formatted(tried, kept));
        }
        notes.forEach(progress::say);
        var fit = data.repair().fit();
        return new RepairSummary(how.repair.name(), how.repair.words(),
                fit.name() + ", sha256 " + fit.digest(), losses == null ? null : data.repair().check().name(),
                losses == null ? null : losses.before, losses == null ? null : losses.after, tried,
                repaired.changes().stream().map(change -> layer(change.fit())).toList(), notes);
    }

    private Layer layer(LayerFit fit) {
        return new Layer(fit.layer(), dense.layers().get(fit.layer()).name(), fit.lambda(), finite(fit.before()),
                finite(fit.after()));
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
