package dev.sglp.demo;

import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Seed;
import dev.sglp.training.BatchNormEstimation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// What as many layers cost when they are drawn by lot: the demo's control.
///
/// @param remove how many layers go
public record RandomControl(ModelFile file, DataRoles roles, int remove) {
    private static final int LOTS = 3;
    private static final int BATCH = 128;

    /// The accuracy after healing of three draws, fractions of 1.
    public List<Double> accuracies(long seed, Progress progress) throws IOException {
        var accuracies = new ArrayList<Double>();
        for (int draw = 0; draw < LOTS; draw++) {
            accuracies.add(accuracy(drawn(Seed.of(seed).draw(draw)), progress));
        }
        return accuracies;
    }

    private LayerSet drawn(Seed seed) {
        var layers = file.architecture().layers();
        var open = new ArrayList<>(
                IntStream.range(0, layers.size()).filter(i -> layers.get(i).removable()).boxed().toList());
        Collections.shuffle(open, java.util.Random.from(seed.generator("control")));
        return new LayerSet(open.subList(0, remove));
    }

    private double accuracy(LayerSet removed, Progress progress) throws IOException {
        try (var weights = file.load()) {
            var pruned = file.architecture().build(weights).without(removed);
            new BatchNormEstimation().heal(pruned, roles, BATCH, Progress.silent());
            try (var predictions = Predictions.of(pruned, roles.report(), BATCH, progress)) {
                return predictions.right(1) / (double) predictions.size();
            }
        }
    }
}
