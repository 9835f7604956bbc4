package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Classifying test images that both sides decoded before the clock starts.
record EvaluateBench(Settings settings, int images, int batch, int rivalBatch) {
    private static final int CLASSES = 10;

    /// What a round found.
    record Found(int right, int top5, double loss) {}

    /// @param rate images a second of sglp
    record Result(int images, int batch, @JsonProperty("images_per_second") Spread rate, Rounds.Result<Found> rounds) {}

    Result run() throws IOException {
        var data = decoded();
        try (var file = ModelFile.open(settings.checkpoint());
                Weights weights = file.forReading();
                var rival = rival()) {
            var model = file.architecture().build(weights);
            var rounds = new Rounds<>(() -> {
                try (var found = Predictions.of(model, data, batch, Progress.silent())) {
                    return new Found(found.right(1), found.right(5), found.loss());
                }
            }, rival).run(settings.rounds());
            var result = new Result(data.size(), batch, rounds.seconds().rate(data.size()), rounds);
            print(result);
            return result;
        }
    }

    private void print(Result result) {
        var rounds = result.rounds;
        Bench.say("sglp: %s images/s, %d images in batches of %d; %s", result.rate, result.images, batch,
                rounds.found());
        if (rounds.answer() != null) {
            Bench.say("PyTorch: %s images/s in batches of %d; top-1 %d, top-5 %d, loss %.5f",
                    Spread.of(rounds.theirs().stream().map(Rounds.Time::wall).toList()).rate(result.images), rivalBatch,
                    rounds.answer().get("top1_right").asInt(), rounds.answer().get("top5_right").asInt(),
                    rounds.answer().get("cross_entropy").asDouble());
            Bench.say("sglp is %s times as fast by the clock, %s by processor time", rounds.ratio(), rounds.cpuRatio());
        }
    }

    private @Nullable PyTorch rival() throws IOException {
        return settings.rival().python().equals("none")
                ? null
                : new PyTorch(settings.rival(), "bench_evaluate.py", List.of(settings.checkpoint().toString(),
                        settings.zip().toString(), "--images", String.valueOf(images), "--batch",
                        String.valueOf(rivalBatch)));
    }

    /// The same number of every class, the first by name.
    private ImageSet decoded() throws IOException {
        var source = ImageSources.open(DataSpec.parse("images:" + settings.zip()));
        var labels = source.labels("test");
        var seen = new int[CLASSES];
        var items = IntStream.range(0, labels.length).filter(i -> seen[labels[i]]++ < images / CLASSES).toArray();
        return source.decode("test", items, Reading.with(Normalisation.IMAGENET));
    }
}
