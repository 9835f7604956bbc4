package dev.sglp.bench;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.Ending;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;

/// The loss without each layer alone, of a network that is read from its file: everything through each layer at once, beside all weights read for
/// each candidate (as AirLLM does), and beside the network in memory, with shared beginnings and one pass a candidate (as rivals do).
///
/// @param directory a Hugging Face directory
/// @param layers    of how many the candidates are, spread evenly
/// @param memory    bytes that the streamed network may take
record WaveBench(Path directory, int layers, long memory, int rounds) {
    private static final int WINDOWS = 4;
    private static final int WIDTH = 128;

    /// @param seconds by the clock
    /// @param bytes  of layers that were read from the file; 0 in memory
    /// @param passes of the whole network over the tokens, the dense one's included
    record Way(String name, Spread seconds, long bytes, double passes) {}

    /// @param bytes of all layers in the file
    record Result(String model, int candidates, long memory, long bytes, List<Way> ways) {}

    /// One way to score.
    private interface Scores {
        double[] of(LayeredModel network, List<LayerSet> sets, Meter work);
    }

    Result run() throws IOException {
        try (var file = ModelFile.open(directory)) {
            int count = file.architecture().layers().size();
            var sets = LongStream.range(0, Math.min(layers, count))
                    .mapToObj(i -> LayerSet.of((int) (i * count / Math.min(layers, count)))).toList();
            try (var _ = Scope.open()) {
                var data = new Calibration(tokens(file.architecture().classes()), WINDOWS, 0);
                var within = file.within(memory);
                var ways = new ArrayList<Way>();
                ways.add(way("streamed, all through each layer at once", within, sets,
                        (n, s, work) -> together(n, s, data, work)));
                ways.add(way("streamed, all weights read for each candidate", within, sets,
                        (n, s, work) -> oneByOne(n, s, data, work)));
                ways.add(way("in memory, shared beginnings", file, sets, (n, s, work) -> together(n, s, data, work)));
                ways.add(
                        way("in memory, one pass a candidate", file, sets, (n, s, work) -> oneByOne(n, s, data, work)));
                long bytes = file.architecture().layers().stream().mapToLong(layer -> layer.cost().bytes()).sum();
                return new Result(directory.toString(), sets.size(), memory, bytes, ways);
            }
        }
    }

    private Way way(String name, ModelFile file, List<LayerSet> sets, Scores scores) throws IOException {
        try (var weights = file.forReading()) {
            var network = file.architecture().build(weights);
            var seconds = new ArrayList<Double>();
            long read = 0;
            double passes = 0;
            for (int i = 0; i < rounds; i++) {
                long before = Streaming.read(weights);
                long start = System.nanoTime();
                var work = new Meter(network, WINDOWS);
                scores.of(network, sets, work);
                seconds.add((System.nanoTime() - start) / 1e9);
                read = Streaming.read(weights) - before;
                passes = work.forwardEquivalents();
            }
            var way = new Way(name, Spread.of(seconds), read, passes);
            Bench.say("%s: %s s, %.1f passes, %,d bytes read", name, way.seconds, passes, read);
            return way;
        }
    }

    private static double[] together(LayeredModel network, List<LayerSet> sets, Calibration data, Meter work) {
        var task = new ScoringTask(network, new Segment(0, network.layers().size()), sets, data,
                Progress.silent().step("", 0, "")).counted(work);
        return LossWhenAbsent.standard().losses(task);
    }

    private static double[] oneByOne(LayeredModel network, List<LayerSet> sets, Calibration data, Meter work) {
        return sets.stream().flatMapToDouble(set -> Arrays.stream(together(network, List.of(set), data, work)))
                .toArray();
    }

    /// What the tokens are makes no difference to the time.
    private static Dataset tokens(int vocabulary) {
        var random = new SplitMix(0);
        var inputs = Tensors.longs(LongStream.range(0, WINDOWS * WIDTH).map(_ -> random.below(vocabulary)).toArray())
                .view(WINDOWS, WIDTH);
        var targets = inputs.roll(new long[]{-1}, new long[]{1}).clone();
        targets.select(1, WIDTH - 1).fill_(new Scalar(Ending.NO_TARGET));
        return new Dataset() {
            @Override
            public String name() {
                return "random tokens";
            }

            @Override
            public int size() {
                return WINDOWS;
            }

            @Override
            public Batch batch(int from, int to) {
                return new Batch(inputs.narrow(0, from, to - from), targets.narrow(0, from, to - from));
            }

            @Override
            public List<String> classes() {
                return List.of();
            }

            @Override
            public List<String> itemHashes() {
                return List.of();
            }
        };
    }
}
