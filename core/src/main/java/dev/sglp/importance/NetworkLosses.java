package dev.sglp.importance;

import dev.sglp.data.Batch;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.StreamReading;
import dev.sglp.importance.wave.NetworkWave;
import dev.sglp.model.Ending;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.Tape;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// The mean loss of several networks with the dense network's head over the same data. Neighbours share what lies before the first
/// part in which they differ.
///
/// @param measure what is averaged
/// @param pass    what batch norm normalises by
public record NetworkLosses(Measure measure, Pass pass) {
    /// Networks whose last activations are kept until the dense logits are made for all.
    public static final int TOGETHER = 16;

    /// What is averaged, in nats.
    public enum Measure {
        /// The dense network's own objective.
        LOSS,
        /// KL(dense ‖ network) over the examples, or the tokens with a target.
        KL
    }

    /// Told the loss of each network as soon as it is known.
    @FunctionalInterface
    public interface Told {
        void loss(int network, double value);
    }

    /// @param dense  the whole network
    /// @param places which of the networks, neighbours sharing long beginnings
    /// @param work   told what is computed
    /// @param told   what waits on disk
    /// @param known  of the dense network, from other questions
    public record Bench(LayeredModel dense, List<LayeredModel> networks, List<Integer> places, Calibration data, Meter work,
            Consumer<String> told, Optional<StreamReading> known) {
        /// All of them, and nobody is told anything.
        public static Bench of(LayeredModel dense, List<LayeredModel> networks, Calibration data, Meter work) {
            var places = IntStream.range(0, networks.size()).boxed().toList();
            return new Bench(dense, networks, places, data, work, _ -> {}, Optional.empty());
        }
    }

    /// The loss of each network, in their order.
    ///
    /// @param told what waits on disk
    public double[] of(LayeredModel dense, List<LayeredModel> networks, Calibration data, Consumer<String> told) {
        var losses = new double[networks.size()];
        int lanes = ScoringTask.lanes(dense, networks.size());
        Threads.sideBySide(lanes, first -> {
            var places = IntStream.iterate(first, i -> i < networks.size(), i -> i + lanes).boxed().toList();
            walk(new Bench(dense, networks, places, data, data.meter(dense), told, Optional.empty()),
                    (place, loss) -> losses[place] = loss);
        });
        return losses;
    }

    void walk(Bench bench, Told told) {
        var source = LayerSource.of(bench.dense);
        if (source.isPresent()) {
            new NetworkWave(this, bench, source.get()).walk(told);
            return;
        }
        var data = bench.data;
        var sums = new double[bench.networks.size()];
        var turns = Tape.turns(bench.places, i -> Tape.body(bench.networks.get(i)));
        for (int b = 0; b < data.batches(); b++) {
            try (var _ = Scope.open()) {
                var batch = data.batch(b);
                double share = data.share(b);
                boolean last = b == data.batches() - 1;
                batch(bench, turns, new Numbered(b, batch), (turn, value) -> {
                    int network = turns.get(turn).which();
                    sums[network] += share * value;
                    if (last) {
                        told.loss(network, sums[network]);
                    }
                });
            }
        }
    }

    private record Numbered(int number, Batch batch) {}

    /// @param found told the value of each turn, in their order
    private void batch(Bench bench, List<Tape.Turn> turns, Numbered numbered, Told found) {
        var batch = numbered.batch;
        var ending = Ending.of(bench.dense);
        try (var tape = new Tape(batch.inputs(), pass, bench.work)) {
            if (measure == Measure.LOSS) {
                for (int i = 0; i < turns.size(); i++) {
                    var turn = turns.get(i);
                    try (var _ = Scope.open()) {
                        found.loss(i, ending.loss(output(bench, tape, turn), batch.targets(), pass));
                    }
                }
                return;
            }
            var reference = reference(bench, numbered);
            for (int from = 0; from < turns.size(); from += TOGETHER) {
                var some = turns.subList(from, Math.min(turns.size(), from + TOGETHER));
                try (var _ = Scope.open()) {
                    var outputs = some.stream().map(turn -> output(bench, tape, turn)).toList();
                    var values = ending.divergences(reference, outputs, batch.targets(), pass);
                    for (int i = 0; i < values.length; i++) {
                        found.loss(from + i, values[i]);
                    }
                }
            }
        }
    }

    private static Tensor output(Bench bench, Tape tape, Tape.Turn turn) {
        var output = tape.output(turn.path(), turn.keep());
        bench.work.forward(bench.dense.head(), output.size(0));
        return output;
    }

    /// The dense network's last activation: by its stored statistics, whatever the others are run by. A question that finds it known counts what it
    /// would take all the same, so that its cost is that of the question alone.
    private Tensor reference(Bench bench, Numbered numbered) {
        var inputs = numbered.batch.inputs();
        var parts = bench.dense.parts();
        parts.subList(0, parts.size() - 1).forEach(part -> bench.work.forward(part, inputs.size(0)));
        Supplier<Tensor> run = () -> Autograd.recording(false, () -> Scope.yield(
                () -> bench.dense.body(inputs, Pass.evaluation().in(pass.precision()), Tap.NONE)));
        return bench.known.map(known -> known.last(numbered.number, pass.precision(), run)).orElseGet(run);
    }
}
