package dev.sglp.importance.wave;

import dev.sglp.data.Batch;
import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Bench;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.NetworkLosses.Told;
import dev.sglp.model.Ending;
import dev.sglp.model.wave.Groups;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// The losses of networks whose layers are read from a file: all of them over all batches go through each layer together, or as many as
/// there is room for. Each loss is the same as that of {@link NetworkLosses} in memory.
///
/// @param by     what is averaged
/// @param bench  the networks and the data
/// @param source of their layers
public record NetworkWave(NetworkLosses by, Bench bench, LayerSource source) {
    /// Tells every loss as soon as it is known.
    public void walk(Told told) {
        int batches = bench.data().batches();
        var sums = new double[bench.networks().size()];
        long bytes = Wave.bytes(bench.dense(), batches, b -> batch(b).inputs());
        var groups = Groups.ofMany(source, bench.places().size(), batches, bytes);
        source.reserveWave(groups.beyond(source, bytes), bytes, bench.told());
        for (int from = 0; from < batches; from += groups.ofBatches()) {
            stretch(new Stretch(from, Math.min(batches, from + groups.ofBatches())), groups.ofNetworks(), sums, told);
        }
    }

    /// Tells every loss of a wave that somebody took through the layers: all networks over all batches, the dense one first.
    public void read(Wave wave, Told told) {
        var sums = new double[bench.networks().size()];
        add(bench.places(), new Answers(wave, 0, wave), new Stretch(0, bench.data().batches()), sums);
        bench.places().forEach(network -> told.loss(network, sums[network]));
    }

    /// Counts what all of them would take together.
    public void count() {
        int examples = bench.data().examples().size();
        var dense = Stream.generate(bench::dense).limit(by.measure() == Measure.KL ? 1 : 0);
        Wave.count(Stream.concat(dense, bench.networks().stream()).toList(), examples, bench.work());
        bench.work().forward(bench.dense().head(), (long) bench.networks().size() * examples);
    }

    /// Batches `[from, to)`.
    private record Stretch(int from, int to) {}

    private Batch batch(int b) {
        var data = bench.data();
        return data.examples().batch(data.start(b), data.end(b));
    }

    /// Some batches, by groups of networks; the dense network goes along with the first.
    private void stretch(Stretch stretch, int together, double[] sums, Told told) {
        var places = bench.places();
        int dense = by.measure() == Measure.KL ? 1 : 0;
        try (var waiting = new Waiting(source, source.room())) {
            var first = wave(places.subList(0, Math.min(places.size(), together)), dense, stretch, waiting);
            for (int at = 0; at < places.size(); at += together) {
                var some = places.subList(at, Math.min(places.size(), at + together));
                var own = at == 0 ? first : wave(some, 0, stretch, waiting);
                add(some, new Answers(own, at == 0 ? dense : 0, first), stretch, sums);
                if (stretch.to == bench.data().batches()) {
                    some.forEach(network -> told.loss(network, sums[network]));
                }
                if (own == first && dense == 1) {
                    first.keepOnly(0);
                } else {
                    own.close();
                }
            }
        }
    }

    /// @param dense 1 where the dense network goes before them, else 0
    private Wave wave(List<Integer> some, int dense, Stretch stretch, Waiting waiting) {
        var networks = Stream.concat(Stream.generate(bench::dense).limit(dense),
                some.stream().map(bench.networks()::get)).toList();
        return Wave.over(networks, stretch.to - stretch.from, b -> batch(stretch.from + b).inputs(),
                new Wave.Ride(by.pass(), bench.work(), waiting));
    }

    /// @param from  which of the wave's networks is the first that is asked for
    /// @param dense whose first network is the dense one
    private record Answers(Wave wave, int from, Wave dense) {}

    private void add(List<Integer> some, Answers answers, Stretch stretch, double[] sums) {
        for (int b = stretch.from; b < stretch.to; b++) {
            for (int first = 0; first < some.size(); first += NetworkLosses.TOGETHER) {
                int from = first;
                int count = Math.min(NetworkLosses.TOGETHER, some.size() - first);
                try (var _ = Scope.open()) {
                    int at = b - stretch.from;
                    var outputs = IntStream.range(0, count)
                            .mapToObj(n -> answers.wave.output(answers.from + from + n, at)).toList();
                    var values = values(outputs, answers, at, batch(b).targets());
                    for (int i = 0; i < count; i++) {
                        sums[some.get(first + i)] += bench.data().share(b) * values[i];
                    }
                }
            }
        }
    }

    private double[] values(List<Tensor> outputs, Answers answers, int at, Tensor targets) {
        var ending = Ending.of(bench.dense());
        bench.work().forward(bench.dense().head(), outputs.size() * targets.size(0));
        return by.measure() == Measure.KL
                ? ending.divergences(answers.dense.output(0, at), outputs, targets, by.pass())
                : outputs.stream().mapToDouble(h -> ending.loss(h, targets, by.pass())).toArray();
    }
}
