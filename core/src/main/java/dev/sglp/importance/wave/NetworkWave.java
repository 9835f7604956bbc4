package dev.sglp.importance.wave;

import dev.sglp.data.Batch;
import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Bench;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.NetworkLosses.Told;
import dev.sglp.model.Ending;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.wave.Wave;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The losses of networks whose layers are read from a file: as many networks and batches as there is room for go through each layer
/// together. Each loss is the same as that of {@link NetworkLosses} in memory.
///
/// @param by    what is averaged
/// @param bench the networks and the data
/// @param room  bytes that activations may take
public record NetworkWave(NetworkLosses by, Bench bench, long room) {
    private static final int FEW = 4; // networks that should go together before batches do

    /// Tells every loss as soon as it is known.
    public void walk(Told told) {
        int batches = bench.data().batches();
        var sums = new double[bench.networks().size()];
        long each = Wave.bytes(bench.dense(), batches, b -> batch(b).inputs());
        int most = Math.clamp(room / (FEW * each), 1, batches);
        for (int from = 0; from < batches; from += most) {
            stretch(from, Math.min(batches, from + most), Wave.together(room, most * each), sums, told);
        }
    }

    private Batch batch(int b) {
        var data = bench.data();
        return data.examples().batch(data.start(b), data.end(b));
    }

    /// Some batches, by groups of networks; the dense network goes along with the first.
    private void stretch(int from, int to, int together, double[] sums, Told told) {
        var places = bench.places();
        try (var dense = by.measure() == Measure.KL
                ? wave(List.of(bench.dense()), from, to, Pass.evaluation())
                : null) {
            for (int first = 0; first < places.size(); first += together) {
                var some = places.subList(first, Math.min(places.size(), first + together));
                try (var wave = wave(some.stream().map(bench.networks()::get).toList(), from, to, by.pass())) {
                    for (int b = from; b < to; b++) {
                        var values = values(wave, dense, b, from, some.size());
                        for (int i = 0; i < values.length; i++) {
                            sums[some.get(i)] += bench.data().share(b) * values[i];
                        }
                    }
                }
                if (to == bench.data().batches()) {
                    some.forEach(network -> told.loss(network, sums[network]));
                }
            }
        }
    }

    private Wave wave(List<LayeredModel> networks, int from, int to, Pass pass) {
        return Wave.over(networks, to - from, b -> batch(from + b).inputs(), pass, bench.work());
    }

    private double[] values(Wave wave, @Nullable Wave dense, int b, int from, int networks) {
        var ending = Ending.of(bench.dense());
        try (var _ = Scope.open()) {
            var targets = batch(b).targets();
            var outputs = IntStream.range(0, networks).mapToObj(n -> wave.output(n, b - from)).toList();
            bench.work().forward(bench.dense().head(), (long) networks * targets.size(0));
            if (dense == null) {
                return outputs.stream().mapToDouble(h -> ending.loss(h, targets, by.pass())).toArray();
            }
            var all = new ArrayList<Double>();
            for (int first = 0; first < networks; first += NetworkLosses.TOGETHER) {
                var some = outputs.subList(first, Math.min(networks, first + NetworkLosses.TOGETHER));
                for (double value : ending.divergences(dense.output(0, b - from), some, targets, by.pass())) {
                    all.add(value);
                }
            }
            return all.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }
}
