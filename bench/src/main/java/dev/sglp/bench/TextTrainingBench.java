package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.text.TextWindows;
import dev.sglp.evaluation.Memory;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.descent.Moments;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Steps of a distillation, 4 windows of 512 tokens each, beside transformers on the same tokens: the network without its middle
/// layers learns from the whole one.
///
/// @param directory a Hugging Face directory with a tokenizer
/// @param rival     what PyTorch computes in: `float32` or `bfloat16`
record TextTrainingBench(Settings settings, Path directory, String rival) {
    private static final int WINDOWS = 4;
    private static final int LENGTH = 512;
    private static final int GONE = 8;
    private static final double RATE = 1e-4;

    /// @param rate  tokens a second of sglp
    /// @param apart of the last step's loss, relative to PyTorch's
    /// @param peaks resident bytes at most of the last round, sglp's and PyTorch's
    record Result(String dtype, @JsonProperty("rival_dtype") String rival,
            @JsonProperty("tokens_per_second") Spread rate, @JsonProperty("loss_apart") double apart,
            List<Long> peaks, Rounds.Result<Step> rounds) {}

    /// @param peak resident bytes at most
    record Step(double loss, long peak) {}

    Result run() throws IOException {
        var tokens = Files.createTempFile("sglp-bench", ".safetensors");
        try (var _ = Scope.open();
                var file = ModelFile.open(directory);
                Weights learned = file.forTraining();
                Weights known = file.forReading()) {
            var windows = SharedTokens.windows(settings, directory, LENGTH, WINDOWS);
            SharedTokens.write(tokens, windows);
            int first = (file.architecture().layers().size() - GONE) / 2;
            var gone = new LayerSet(IntStream.range(first, first + GONE).boxed().toList());
            var student = file.architecture().build(learned).without(gone);
            var type = settings.dtype().equals("bfloat16") ? DType.BF16 : DType.F32;
            var dense = file.architecture().build(known);
            var teacher = new Teaching(type == DType.F32 ? dense : dense.in(type), 1, 1);
            try (var moments = new Moments(Optimizer.AdamW.standard(), student.parameters());
                    var other = rival(tokens, first)) {
                var gradients = new TextGradients(student, Optional.of(teacher), type);
                return report(new Rounds<>(() -> step(student, gradients, moments, windows), other)
                        .run(settings.rounds()));
            }
        } finally {
            Files.deleteIfExists(tokens);
        }
    }

    private static Step step(LayeredModel student, TextGradients gradients, Moments moments, TextWindows windows) {
        Memory.resetPeak();
        try (var _ = Scope.open()) {
            var found = gradients.of(windows, IntStream.range(0, windows.size()).toArray(), 0, student.parameters());
            Tensor[] all = found.gradients();
            moments.step(all, new Moments.Rates(RATE, 0, 1));
            return new Step(Tensors.toDoubles(found.loss())[0], Memory.peakResidentBytes());
        }
    }

    private @Nullable PyTorch rival(Path tokens, int first) throws IOException {
        return settings.rival().python().equals("none")
                ? null
                : new PyTorch(settings.rival(), "bench_training_text.py",
                        List.of(directory.toString(), "--tokens", tokens.toString(), "--first", String.valueOf(first),
                                "--last", String.valueOf(first + GONE), "--dtype", rival));
    }

    private Result report(Rounds.Result<Step> rounds) {
        int tokens = WINDOWS * LENGTH;
        var rate = rounds.seconds().rate(tokens);
        Bench.say("sglp, %s: %s tokens/s, steps of %d × %d tokens", settings.dtype(), rate, WINDOWS, LENGTH);
        double apart = 0;
        var peaks = new ArrayList<>(List.of(rounds.found().peak));
        if (rounds.answer() != null) {
            double theirs = rounds.answer().get("loss").asDouble();
            peaks.add(rounds.answer().get("peak_bytes").asLong());
            apart = Math.abs(rounds.found().loss - theirs) / theirs;
            Bench.say("PyTorch, %s: %s tokens/s", rival,
                    Spread.of(rounds.theirs().stream().map(Rounds.Time::wall).toList()).rate(tokens));
            Bench.say(
                    "sglp is %s times as fast by the clock, %s by processor time; the last step's loss %.6f, %.1e apart; peak %d and %d MiB",
                    rounds.ratio(), rounds.cpuRatio(), rounds.found().loss, apart, peaks.getFirst() >> 20,
                    peaks.getLast() >> 20);
        }
        return new Result(settings.dtype(), rival, rate, apart, peaks, rounds);
    }
}
