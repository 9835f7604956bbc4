package dev.sglp.demo;

import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.FreshResNet;
import dev.sglp.model.LayerSet;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.Seed;
import dev.sglp.training.Augmentation;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingTask;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// How the embedded network was made: a CIFAR ResNet trained on drawn shapes.
///
/// @param size       the network's
/// @param epochs     passes over the items
/// @param items      training items
/// @param validation other items of the training split, measured after every epoch; the test split is never looked at
public record DemoTraining(FreshResNet size, int epochs, int items, int validation) {
    private static final int BATCH = 64;

    /// As the embedded network was trained.
    public static DemoTraining standard() {
        return new DemoTraining(new FreshResNet(List.of(5, 5, 5), List.of(16L, 32L, 64L)), 10, 19_000, 1_000);
    }

    /// Trains and writes `model.safetensors` and `config.json`.
    public TrainingRecord run(Path directory, int threads, Progress progress) throws IOException {
        var source = ImageSources.open(DemoNetwork.data());
        var reading = new Reading(threads, Preparation.NONE, DemoNetwork.NORMALISATION, progress);
        var train = source.decode(ImageSource.TRAIN, IntStream.range(0, items).toArray(), reading);
        var held = source.decode(ImageSource.TRAIN, IntStream.range(items, items + validation).toArray(), reading);
        try (var network = size.drawn(input(train), source.classes(), Seed.of(0))) {
            var record = Trainer.train(new TrainingTask(network.model(), train, held, settings()), progress);
            NewCheckpoint.write(network.weights(), directory, Json.pretty(network.architecture().config(LayerSet.EMPTY,
                    source.classes())).getBytes(StandardCharsets.UTF_8));
            return record;
        }
    }

    private static Architecture.Input.Image input(ImageSet images) {
        var by = DemoNetwork.NORMALISATION;
        var shape = images.form().shape();
        return new Architecture.Input.Image(3, shape.get(1).intValue(), shape.get(2).intValue(), by.mean(), by.std());
    }

    private TrainingSettings settings() {
        var by = new Regularisation(5e-4, 0, 0, new Augmentation(0, true));
        return new TrainingSettings(epochs, BATCH, Optimizer.Sgd.standard(), Schedule.cosine(0.05, 100), by, 0);
    }
}
