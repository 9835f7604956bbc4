package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.checkpoint.Weights;
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
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// GradNorm of single decoder layers left out, 4 windows of 128 tokens, beside transformers on the same tokens.
///
/// @param directory a Hugging Face directory with a tokenizer
/// @param rival     what PyTorch computes in: `float32` or `bfloat16`
record TextGradNormBench(Settings settings, Path directory, String rival) {
    private static final int WINDOWS = 4;
    private static final int LENGTH = 128;

    /// @param rate              candidates a second of sglp
    /// @param largestDifference of a score, relative to PyTorch's
    record Result(String dtype, @JsonProperty("rival_dtype") String rival,
            @JsonProperty("candidates_per_second") Spread rate,
            @JsonProperty("largest_relative_difference") double largestDifference,
            Rounds.Result<List<Score>> rounds) {}

    /// The layers tried, the middle third: they share a beginning of a third of the network.
    private static Segment tried(LayeredModel model) {
        int third = model.layers().size() / 3;
        return new Segment(third, 2 * third);
    }

    Result run() throws IOException {
        var tokens = Files.createTempFile("sglp-bench", ".safetensors");
        try (var _ = Scope.open(); var file = ModelFile.open(directory); Weights weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var windows = SharedTokens.windows(settings, directory, LENGTH, WINDOWS);
            SharedTokens.write(tokens, windows);
            var segment = tried(model);
            var sets = IntStream.range(segment.from(), segment.to()).mapToObj(LayerSet::of).toList();
            var task = new ScoringTask(model, segment, sets, new Calibration(windows, WINDOWS, 0),
                    Progress.Silent.INSTANCE);
            var precision = PrecisionChoice.of(Wish.valueOf(settings.dtype().toUpperCase(Locale.ROOT)),
                    GradNorm.skipping(), model, task.data());
            Bench.say(precision.why());
            var criterion = GradNorm.skipping().in(precision.precision());
            try (var other = rival(tokens, segment)) {
                return report(segment, new Rounds<>(() -> criterion.scores(task), other).run(settings.rounds()));
            }
        } finally {
            Files.deleteIfExists(tokens);
        }
    }

    private @Nullable PyTorch rival(Path tokens, Segment segment) throws IOException {
        return settings.rival().python().equals("none")
                ? null
                : new PyTorch(settings.rival(), "bench_gradnorm_text.py",
                        List.of(directory.toString(), "--tokens", tokens.toString(), "--first",
                                String.valueOf(segment.from()), "--last", String.valueOf(segment.to()), "--dtype",
                                rival));
    }

    private Result report(Segment segment, Rounds.Result<List<Score>> rounds) {
        int candidates = segment.to() - segment.from();
        var rate = rounds.seconds().rate(candidates);
        Bench.say("sglp, %s: %s candidates/s, %d candidates of %d × %d tokens", settings.dtype(), rate, candidates,
                WINDOWS, LENGTH);
        double apart = 0;
        if (rounds.answer() != null) {
            for (int i = 0; i < candidates; i++) {
                double theirs = rounds.answer().get("scores").get(String.valueOf(segment.from() + i)).asDouble();
                apart = Math.max(apart, Math.abs(rounds.found().get(i).value() - theirs) / theirs);
            }
        }
        rounds.sayCompared(rival, candidates, apart);
        return new Result(settings.dtype(), rival, rate, apart, rounds);
    }
}
