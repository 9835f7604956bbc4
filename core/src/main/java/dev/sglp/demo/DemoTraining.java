package dev.sglp.demo;

import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Reading;
import dev.sglp.family.CifarResNet;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.report.Json;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Optimizer;
import dev.sglp.training.Schedule;
import dev.sglp.training.Trainer;
import dev.sglp.training.TrainingSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Makes the demo's network: a residual network of fifteen blocks that learns to tell the drawn shapes apart.
public record DemoTraining(ImageSource source, Reading reading, int epochs, long seed) {
    private static final List<Integer> DEPTHS = List.of(5, 5, 5);
    private static final List<Long> WIDTHS = List.of(12L, 24L, 48L);

    /// Trains and writes `model.safetensors` and `config.json` into a directory.
    public void run(Path out, Progress progress) throws IOException {
        var training = source.decode(ImageSource.TRAIN, reading);
        var test = source.decode(ImageSource.TEST, reading);
        var architecture = CifarResNet.architecture(DEPTHS, WIDTHS, source.classes());
        try (var weights = CifarResNet.fresh(architecture, Seed.of(seed));
                var trainer = new Trainer(architecture.build(weights), training, settings())) {
            trainer.train(test, progress);
            write(out.resolve("model.safetensors"), weights);
            AtomicFile.write(out.resolve("config.json"), Json
                    .pretty(architecture.config(LayerSet.EMPTY, source.classes())).getBytes(StandardCharsets.UTF_8));
        }
    }

    private TrainingSettings settings() {
        return new TrainingSettings(epochs, 128, new Optimizer.Sgd(0.9, true), new Schedule.Cosine(0.1, 100), 5e-4, 0,
                0, false, seed);
    }

    private static void write(Path path, Weights weights) throws IOException {
        var infos = weights.all().entrySet().stream().map(
                e -> new TensorInfo(e.getKey(), Tensors.dtype(e.getValue()).orElseThrow(), Tensors.shape(e.getValue())))
                .toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(path, infos, Map.of("format", "pt"),
                    name -> Tensors.bytes(weights.get(name), Tensors.dtype(weights.get(name)).orElseThrow(), arena));
        }
    }
}
