package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// GradNorm of single blocks, re-initialised with the same weights on both sides, on the same 128 images.
record GradNormBench(Settings settings, int candidates) {
    private static final int IMAGES = 128;
    private static final long SEED = 0;

    /// @param rate                candidates a second of sglp
    /// @param largestDifference   of a score, relative to PyTorch's
    record Result(String dtype, int candidates, @JsonProperty("candidates_per_second") Spread rate,
            @JsonProperty("largest_relative_difference") double largestDifference, Map<String, Double> scores,
            Rounds.Result<List<Score>> rounds) {}

    Result run() throws IOException {
        var scratch = Files.createTempDirectory("sglp-bench");
        try (var _ = Scope.open();
                var file = ModelFile.open(settings.checkpoint());
                Weights weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var images = calibration();
            var sets = sets(model);
            var shared = scratch.resolve("shared.safetensors");
            SharedImages.write(shared, images, SharedImages.random(model, sets, SEED));
            var task = new ScoringTask(model, new Segment(0, model.layers().size()), sets,
                    new Calibration(images, IMAGES, SEED), Progress.Silent.INSTANCE);
            var precision = PrecisionChoice.of(Wish.valueOf(settings.dtype().toUpperCase(Locale.ROOT)),
                    GradNorm.standard(), model, task.data());
            Bench.say(precision.why());
            var criterion = GradNorm.standard().in(precision.precision());
            try (var rival = rival(shared)) {
                var rounds = new Rounds<>(() -> criterion.scores(task), rival).run(settings.rounds());
                return report(model, sets, rounds);
            }
        } finally {
            Files.deleteIfExists(scratch.resolve("shared.safetensors"));
            Files.deleteIfExists(scratch);
        }
    }

    private @Nullable PyTorch rival(Path shared) throws IOException {
        return settings.rival().python().equals("none")
                ? null
                : new PyTorch(settings.rival(), "bench_gradnorm.py", List.of(settings.checkpoint().toString(),
                        settings.zip().toString(), "--shared", shared.toString()));
    }

    private ImageSet calibration() throws IOException {
        var source = ImageSources.open(DataSpec.parse("images:" + settings.zip()));
        return source.decode("train", IntStream.range(0, IMAGES).map(i -> 390 * i).toArray(),
                Reading.with(Normalisation.IMAGENET));
    }

    private List<LayerSet> sets(LayeredModel model) {
        var blocks = model.removable().indices();
        int n = Math.min(candidates, blocks.size());
        return IntStream.range(0, n).mapToObj(i -> LayerSet.of(blocks.get(i * blocks.size() / n))).toList();
    }

    private Result report(LayeredModel model, List<LayerSet> sets, Rounds.Result<List<Score>> rounds) {
        var scores = new LinkedHashMap<String, Double>();
        for (int i = 0; i < sets.size(); i++) {
            scores.put(model.layers().get(sets.get(i).indices().getFirst()).name(), rounds.found().get(i).value());
        }
        double apart = rounds.answer() == null ? 0 : apart(scores, rounds.answer());
        var rate = rounds.seconds().rate(sets.size());
        Bench.say("sglp, %s: %s candidates/s, %d candidates, batch %d", settings.dtype(), rate, sets.size(), IMAGES);
        rounds.sayCompared("float32", sets.size(), apart);
        return new Result(settings.dtype(), sets.size(), rate, apart, scores, rounds);
    }

    private static double apart(Map<String, Double> scores, JsonNode answer) {
        return scores.entrySet().stream().mapToDouble(e -> {
            double theirs = answer.get("scores").get(e.getKey()).asDouble();
            return Math.abs(e.getValue() - theirs) / theirs;
        }).max().orElse(0);
    }
}
