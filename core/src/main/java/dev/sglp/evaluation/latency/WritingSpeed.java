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
import java.util.Set;
import java.util.stream.IntStream;

/// How fast language models write: tokens a second of one text, each token behind a pass that reads the last one.
public final class WritingSpeed {
    private static final int PROMPT = 64;
    private static final int TOKENS = 24;
    private static final int FIRST = 4; // not counted
    private static final int ROUNDS = 9;
    private static final long ENOUGH = 5_000_000_000L; // nanoseconds after which no round begins

    private WritingSpeed() {}

    /// The same latencies with how fast the networks write behind the beginning of a text: in turn, the median of at most 9 rounds. As they were
    /// where one of them does not write, or the text has hardly a token.
    ///
    /// @param latencies one a network
    public static List<Latency> beside(List<Latency> latencies, List<LayeredModel> networks, Dataset text) {
        if (networks.stream().anyMatch(network -> network.cacheBytesPerToken() == 0)) {
            return latencies;
        }
        try (var _ = Scope.open()) {
            double[] window = Tensors.toDoubles(text.batch(0, 1).inputs());
            int tokens = Math.min(TOKENS, window.length / 2); // as many as it has learned positions for
            int[] prompt = Arrays.stream(window).limit(Math.min(PROMPT, window.length / 2)).mapToInt(t -> (int) t)
                    .toArray();
            if (tokens < 2) {
                return latencies;
            }
            networks.forEach(network -> write(network, prompt, Math.min(FIRST, tokens)));
            var speeds = inTurn(networks, prompt, tokens);
            return IntStream.range(0, speeds.length).mapToObj(i -> latencies.get(i).writing(speeds[i])).toList();
        }
    }

    private static double[] inTurn(List<LayeredModel> networks, int[] prompt, int tokens) {
        var speeds = new double[networks.size()][ROUNDS];
        long start = System.nanoTime();
        int rounds = 0;
        while (rounds == 0 || rounds < ROUNDS && System.nanoTime() - start < ENOUGH) {
            for (int i = 0; i < speeds.length; i++) {
                speeds[i][rounds] = write(networks.get(i), prompt, tokens);
            }
            rounds++;
        }
        int done = rounds;
        return Arrays.stream(speeds).mapToDouble(all -> MedianInterval.of(Arrays.copyOf(all, done)).median()).toArray();
    }

    private static double write(LayeredModel network, int[] prompt, int tokens) {
        var generator = new Generator(network, new Generator.Settings(Sampling.GREEDY, Set.of(), tokens, 1));
        generator.of(List.of(prompt), (_, _) -> {});
        return generator.speed().writtenPerSecond();
    }
}
