package dev.sglp.importance.wave;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Bench;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.NetworkLosses.Told;
import dev.sglp.model.Ending;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.wave.DenseStates;
import dev.sglp.model.wave.DenseStates.States;
import dev.sglp.model.wave.Groups;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
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
    private static final long LARGE = 1L << 32; // bytes of layers: reading them takes less time than what is lost where a wave is stopped
    private static final int FEW = 4; // networks that go through so many bytes together

    /// Tells every loss as soon as it is known.
    public void walk(Told told) {
        int batches = bench.data().batches();
        var sums = new double[bench.networks().size()];
        long bytes = Wave.bytes(bench.dense(), batches, b -> batch(b).inputs());
        var groups = Groups.ofMany(source, bench.places().size(), batches, bytes);
        long beyond = groups.beyond(source, bytes);
        source.reserveWave(beyond, bytes, bench.told());
        var asked = new DenseStates.Asked(bench.dense().layers(),
                new Items(bench.data().examples(), bench.data().batchSize()), by.pass());
        var states = compared().isEmpty()
                ? source.states().find(asked)
                : source.states().of(asked, new DenseStates.Batches(batches, bytes), beyond, bench.told());
        for (int from = 0; from < batches; from += groups.ofBatches()) {
            stretch(new Stretch(from, Math.min(batches, from + groups.ofBatches()), states), groups.ofNetworks(), sums,
                    told);
        }
    }

    /// Tells every loss of a wave that somebody took through the layers: all networks over all batches, the dense one first.
    public void read(Wave wave, Told told) {
        var sums = new double[bench.networks().size()];
        add(bench.places(), new Answers(wave, 0, b -> wave.output(0, b)),
                new Stretch(0, bench.data().batches(), Optional.empty()), sums);
        bench.places().forEach(network -> told.loss(network, sums[network]));
    }

    /// Counts what all of them would take together.
    public void count() {
        int examples = bench.data().examples().size();
        var count = new Wave.Count(examples, bench.work());
        count.add(compared());
        count.add(bench.networks());
        bench.work().forward(bench.dense().head(), (long) bench.networks().size() * examples);
    }

    /// The dense network, where all others are compared with it.
    private List<LayeredModel> compared() {
        return by.measure() == Measure.KL ? List.of(bench.dense()) : List.of();
    }

    private record Items(Dataset examples, int batchSize) {}

    /// Batches `[from, to)`.
    ///
    /// @param states of the dense network, known or to be kept
    private record Stretch(int from, int to, Optional<States> states) {
        Optional<States> known() {
            return states.filter(some -> some.knows(from, to));
        }
    }

    private Batch batch(int b) {
        return bench.data().batch(b);
    }

    /// Some batches, by groups of networks; the dense network goes along with the first, unless it is known what it gives.
    private void stretch(Stretch stretch, int together, double[] sums, Told told) {
        if (large() && !compared().isEmpty() && bench.places().size() > FEW
                && stretch.known().isEmpty() && stretch.states.isPresent()) {
            try (var waiting = new Waiting(source, source.room());
                    var _ = wave(compared(), List.of(), stretch, new Wave.Ride(by.pass(), unheard(), waiting))) {
                NativeHeap.trimNowAndThen();
            }
        }
        if (stretch.known().isPresent()) {
            behind(stretch, stretch.known().get(), together, sums, told);
            return;
        }
        var places = bench.places();
        var dense = compared();
        try (var waiting = new Waiting(source, source.room())) {
            var ride = new Wave.Ride(by.pass(), bench.work(), waiting);
            var first = wave(dense, places.subList(0, Math.min(places.size(), together)), stretch, ride);
            for (int at = 0; at < places.size(); at += together) {
                var some = places.subList(at, Math.min(places.size(), at + together));
                var own = at == 0 ? first : wave(List.of(), some, stretch, ride);
                add(some, new Answers(own, at == 0 ? dense.size() : 0, b -> first.output(0, b)), stretch, sums);
                tell(some, stretch, sums, told);
                if (own == first && !dense.isEmpty()) {
                    first.keepOnly(0);
                } else {
                    own.close();
                }
            }
        }
    }

    /// Losses that are whole behind the last batch.
    private void tell(List<Integer> networks, Stretch stretch, double[] sums, Told told) {
        if (stretch.to == bench.data().batches()) {
            networks.forEach(network -> told.loss(network, sums[network]));
        }
    }

    private boolean large() {
        return source.bytes() > LARGE;
    }

    private Meter unheard() {
        return new Meter(bench.dense(), 1);
    }

    /// The same from behind the layers that the networks of a group share with the dense one. It counts all the same what the question would take
    /// alone, in one go. Of a large network a few go together, so that little is lost where this is stopped.
    private void behind(Stretch stretch, States known, int together, double[] sums, Told told) {
        var places = bench.places();
        int examples = bench.data().end(stretch.to - 1) - bench.data().start(stretch.from);
        try (var waiting = new Waiting(source, source.room())) {
            for (int at = 0; at < places.size(); at += together) {
                var some = places.subList(at, Math.min(places.size(), at + together));
                var count = new Wave.Count(examples, bench.work());
                if (at == 0) {
                    count.add(compared());
                }
                int few = large() ? FEW : some.size();
                for (int first = 0; first < some.size(); first += few) {
                    var now = some.subList(first, Math.min(some.size(), first + few));
                    count.add(now.stream().map(bench.networks()::get).toList()); // as it goes: this may be stopped
                    behind(now, known, stretch, waiting, sums);
                    tell(now, stretch, sums, told);
                }
            }
        }
    }

    private void behind(List<Integer> some, States known, Stretch stretch, Waiting waiting, double[] sums) {
        var networks = some.stream().map(bench.networks()::get).toList();
        try (var wave = behind(known, networks, stretch, new Wave.Ride(by.pass(), unheard(), waiting))) {
            add(some, new Answers(wave, 0, b -> known.last(stretch.from + b)), stretch, sums);
        }
    }

    private Wave behind(States known, List<LayeredModel> networks, Stretch stretch, Wave.Ride ride) {
        int batches = stretch.to - stretch.from;
        int shared = known.shared(networks);
        return shared == 0
                ? Wave.over(networks, batches, b -> batch(stretch.from + b).inputs(), ride)
                : Wave.behind(shared, networks, batches, b -> known.output(shared - 1, stretch.from + b), ride);
    }

    /// @param dense the dense network, where it goes before them; what its layers give is kept
    private Wave wave(List<LayeredModel> dense, List<Integer> some, Stretch stretch, Wave.Ride ride) {
        var networks = Stream.concat(dense.stream(), some.stream().map(bench.networks()::get)).toList();
        var states = stretch.states.filter(_ -> !dense.isEmpty());
        int batches = stretch.to - stretch.from;
        return Wave.over(networks, batches, b -> batch(stretch.from + b).inputs(), ride, (layer, wave) -> states
                .ifPresent(kept -> IntStream.range(0, batches).forEach(b -> Scope.run(() -> kept.keep(layer,
                        stretch.from + b, wave.output(0, b))))));
    }

    /// @param from  which of the wave's networks is the first that is asked for
    /// @param dense what the dense network's last layer gave for a batch
    private record Answers(Wave wave, int from, IntFunction<Tensor> dense) {}

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
                ? ending.divergences(answers.dense.apply(at), outputs, targets, by.pass())
                : outputs.stream().mapToDouble(h -> ending.loss(h, targets, by.pass())).toArray();
    }
}
