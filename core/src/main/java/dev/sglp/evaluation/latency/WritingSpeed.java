package dev.sglp.evaluation.latency;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;

/// How fast a language model writes: tokens a second of one text, each token behind a pass that reads the last one.
public final class WritingSpeed {
    private static final int PROMPT = 64;
    private static final int TOKENS = 24;
    private static final int FIRST = 4; // not counted

    private WritingSpeed() {}

    /// The same latencies with how fast the networks write, those that do.
    ///
    /// @param latencies one a network
    public static List<Latency> beside(List<Latency> latencies, List<LayeredModel> networks, Dataset text) {
        return IntStream.range(0, networks.size()).mapToObj(i -> {
            var written = of(networks.get(i), text);
            return written.isPresent() ? latencies.get(i).writing(written.getAsDouble()) : latencies.get(i);
        }).toList();
    }

    /// Behind the beginning of a text; empty where the network does not write, or the text has hardly a token.
    private static OptionalDouble of(LayeredModel network, Dataset text) {
        if (network.cacheBytesPerToken() == 0) {
            return OptionalDouble.empty();
        }
        try (var _ = Scope.open()) {
            double[] window = Tensors.toDoubles(text.batch(0, 1).inputs());
            int tokens = Math.min(TOKENS, window.length / 2); // as many as it has learned positions for
            int[] prompt = Arrays.stream(window).limit(Math.min(PROMPT, window.length / 2)).mapToInt(t -> (int) t)
                    .toArray();
            if (tokens < 2) {
                return OptionalDouble.empty();
            }
            write(network, prompt, Math.min(FIRST, tokens));
            return OptionalDouble.of(write(network, prompt, tokens));
        }
    }

    private static double write(LayeredModel network, int[] prompt, int tokens) {
        var generator = new Generator(network, new Generator.Settings(Sampling.GREEDY, Set.of(), tokens, 1));
        generator.of(List.of(prompt), (_, _) -> {});
        return generator.speed().writtenPerSecond();
    }
}
