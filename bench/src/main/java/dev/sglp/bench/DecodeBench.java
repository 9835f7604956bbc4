package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.ModelFile;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// 64 tokens written greedily behind prompts of 16, beside transformers or llama.cpp on the same tokens, prompts read included.
///
/// @param directory a Hugging Face directory with a tokenizer
/// @param rival     what transformers computes in: `float32` or `bfloat16`
/// @param gguf      what llama.cpp is timed on in its place
/// @param texts     side by side
record DecodeBench(Settings settings, Path directory, String rival, Optional<Path> gguf, int texts) {
    private static final int PROMPT = 16;
    private static final int NEW = 64;

    /// @param rate  tokens written a second by sglp
    /// @param bytes a second of weights that were read for them
    /// @param same  tokens that the rival wrote too, before the first other one, a text
    record Result(String dtype, String rival, @JsonProperty("tokens_per_second") Spread rate,
            @JsonProperty("gigabytes_per_second") double bytes, double same,
            Rounds.Result<List<Continuation>> rounds) {}

    Result run() throws IOException {
        var tokens = Files.createTempFile("sglp-bench", ".safetensors");
        try (var _ = Scope.open(); var file = ModelFile.open(directory); Weights weights = file.forReading()) {
            var windows = SharedTokens.windows(settings, directory, PROMPT, texts);
            SharedTokens.write(tokens, windows);
            var type = settings.dtype().equals("bfloat16") ? DType.BF16 : DType.F32;
            var dense = file.architecture().build(weights);
            var generator = new Generator(type == DType.F32 ? dense : dense.in(type),
                    new Generator.Settings(Sampling.GREEDY, Set.of(), NEW, texts));
            try (var other = rival(tokens)) {
                var rounds = new Rounds<>(() -> generator.of(prompts(windows), (_, _) -> {}), other)
                        .run(settings.rounds());
                return report(rounds, file.architecture().parameters() * type.bytes());
            }
        } finally {
            Files.deleteIfExists(tokens);
        }
    }

    private static List<int[]> prompts(TextWindows windows) {
        return IntStream.range(0, windows.size()).mapToObj(windows::tokens).toList();
    }

    private @Nullable PyTorch rival(Path tokens) throws IOException {
        if (settings.rival().python().equals("none")) {
            return null;
        }
        var arguments = new ArrayList<>(List.of(directory.toString(), "--tokens", tokens.toString(), "--new",
                String.valueOf(NEW), "--dtype", rival));
        gguf.ifPresent(path -> arguments.addAll(List.of("--gguf", path.toString())));
        return new PyTorch(settings.rival(), "bench_decode.py", arguments);
    }

    private String named() {
        return gguf.map(path -> "llama.cpp, " + path.getFileName()).orElse("transformers, " + rival);
    }

    private Result report(Rounds.Result<List<Continuation>> rounds, long weights) {
        int tokens = texts * NEW;
        var rate = rounds.seconds().rate(tokens);
        double bytes = NEW * weights / rounds.seconds().median() / 1e9;
        Bench.say("sglp, %s: %s tokens/s, %d texts of %d tokens; %.1f GB of weights read a second", settings.dtype(),
                rate,
                texts, NEW, bytes);
        double same = 0;
        if (rounds.answer() != null) {
            same = same(rounds.found(), rounds.answer().get("tokens"));
            Bench.say("%s: %s tokens/s", named(),
                    Spread.of(rounds.theirs().stream().map(Rounds.Time::wall).toList()).rate(tokens));
            Bench.say(
                    "sglp is %s times as fast by the clock, %s by processor time; of %d tokens the first %.1f are the same",
                    rounds.ratio(), rounds.cpuRatio(), NEW, same);
        }
        return new Result(settings.dtype(), named(), rate, bytes, same, rounds);
    }

    private static double same(List<Continuation> ours, JsonNode theirs) {
        return IntStream.range(0, ours.size()).mapToDouble(text -> {
            int[] written = ours.get(text).tokens();
            return IntStream.range(0, written.length).filter(i -> written[i] != theirs.get(text).get(i).asInt())
                    .findFirst()
                    .orElse(written.length);
        }).average().orElse(0);
    }
}
