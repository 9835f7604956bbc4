package dev.sglp.importance.stream;

import dev.sglp.data.Batch;
import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.wave.SinglesAlong;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Wave;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// One pass of a network over the calibration data for all that look at its stream. Whoever runs the same batches anyway, for instance to
/// compare layers, lets it listen; batches that nobody ran are run when the first asks.
public final class StreamReading {
    private final LayeredModel model;
    private final Calibration data;
    private final Set<Hearing> wanted;
    private final InfluenceSums influence;
    private final AngleSums angles;
    private final List<StreamSums> sums = new ArrayList<>();
    private final String words;
    private final LastOutputs last = new LastOutputs();
    private final Optional<SinglesAlong> singles;
    private final Alone alone;
    private boolean began; // whether the first pass is on its way, or through
    private int asked; // batches that a pass is on its way with, or through
    private int heard; // batches that one is through with
    private long vectors;
    private List<Single> known = List.of();

    /// What passes have told so far, as numbers.
    ///
    /// @param batches  that were heard
    /// @param vectors  of these batches
    /// @param cosines  of each layer, summed over the vectors
    /// @param turns    of the stream, summed likewise
    /// @param singles  what is lost without a layer alone
    public record Known(int batches, long vectors, double[] cosines, StreamAngles turns, List<Single> singles) {
        /// Of passes that nobody listened to.
        public static final Known NOTHING = new Known(0, 0, new double[0],
                new StreamAngles(new double[0][], new double[0][]),
                List.of());

        public Known {
            singles = List.copyOf(singles);
        }

        boolean isNothing() {
            return batches == 0 && singles.isEmpty();
        }
    }

    /// What is lost without these layers, or without none.
    public record Single(Measure measure, LayerSet without, double loss) {}

    /// @param wanted what will be asked for
    public StreamReading(LayeredModel model, Calibration data, Set<Hearing> wanted) {
        this(model, data, wanted, Alone.NOBODY, 0);
    }

    /// @param alone of the layers that {@link Hearing#DIVERGENCES} and {@link Hearing#LOSSES} are asked for: where layers are read from a file, they
    ///              go along with the first pass that somebody makes
    /// @param run   layers that {@link Hearing#RUNS} has
    public StreamReading(LayeredModel model, Calibration data, Set<Hearing> wanted, Alone alone, int run) {
        this.alone = alone;
        var measures = EnumSet.noneOf(Measure.class);
        if (wanted.contains(Hearing.DIVERGENCES)) {
            measures.add(Measure.KL);
        }
        if (wanted.contains(Hearing.LOSSES)) {
            measures.add(Measure.LOSS);
        }
        singles = measures.isEmpty() || alone.layers().isEmpty() || LayerSource.of(model).isEmpty()
                ? Optional.empty()
                : Optional.of(new SinglesAlong(model, data, alone.layers(), measures));
        this.model = model;
        this.data = data;
        this.wanted = Set.copyOf(wanted);
        words = "%s, runs of %d".formatted(new TreeSet<>(wanted), run);
        influence = new InfluenceSums(model);
        boolean turns = wanted.contains(Hearing.ANGLES) || wanted.contains(Hearing.RUNS);
        angles = new AngleSums(model, wanted.contains(Hearing.ANGLES) ? 0 : run);
        if (wanted.contains(Hearing.INFLUENCE)) {
            sums.add(influence);
        }
        if (turns) {
            angles.expect(() -> Wave.bytes(model, data.batches(), b -> data.batch(b).inputs()), alone.progress()::say);
            sums.add(angles);
        }
    }

    /// Whether it tells this of this network.
    public boolean tells(Hearing asked, LayeredModel of) {
        return reads(of) && (wanted.contains(asked) || asked == Hearing.RUNS && wanted.contains(Hearing.ANGLES));
    }

    /// Whether it can hear passes over several batches side by side: angles are between places of one.
    public boolean sideBySide() {
        return !wanted.contains(Hearing.ANGLES) && !wanted.contains(Hearing.RUNS);
    }

    /// What goes along with a pass of the network over items `[from, to)` of the data: who listens, where they are the batch that comes next,
    /// and with the first pass the network without each layer.
    public Tap along(int from, int to, Batch batch) {
        if (singles.isEmpty() || began) {
            return listening(from, to, batch);
        }
        began = true;
        boolean several = to - from < data.examples().size();
        long room = room(LayerSource.of(model).orElseThrow(), several && sideBySide());
        boolean together = singles.get().pays(room, alone.progress()::say);
        if (together) {
            singles.get().begin(room);
        }
        var listening = listening(from, to, batch);
        return together ? together(listening, several && !sideBySide()) : listening;
    }

    /// @param step whether nobody else tells how far the pass is
    private Tap together(Tap listening, boolean step) {
        var others = singles.orElseThrow();
        alone.progress().say(
                "Scores without each of %d layers go along with the first pass, whose later layers take longer: none is read again for them. A run that is stopped in it begins again."
                        .formatted(alone.layers().size()));
        long all = IntStream.range(0, model.layers().size()).mapToLong(others::passing).sum();
        var told = (step ? alone.progress() : Progress.silent()).step("the first pass", all, "passes of a layer");
        return new Tap() {
            @Override
            public void layer(int layer, Tensor x, Tensor y) {
                listening.layer(layer, x, y);
                others.layer(layer, x, y);
                told.advance(others.passing(layer));
            }

            @Override
            public void ended() {
                listening.ended();
                others.ended();
                told.close();
            }
        };
    }

    /// Bytes that activations may take beside a pass for similarity, which keeps outputs.
    ///
    /// @param several whether it is several side by side
    private static long room(LayerSource source, boolean several) {
        return Math.max(0, source.room() - source.outputs() - (several ? source.streams() : 0));
    }

    /// What is known of sets of layers that go: the score of each alone, and of none.
    public Map<LayerSet, Double> losses(NetworkLosses by, LayeredModel of) {
        return reads(of) && by.pass().equals(Pass.evaluation())
                ? singles().filter(single -> single.measure == by.measure())
                        .collect(Collectors.toMap(Single::without, Single::loss))
                : Map.of();
    }

    private Stream<Single> singles() {
        var found = singles.stream().flatMap(own -> Arrays.stream(Measure.values()).flatMap(measure -> own
                .losses(measure).entrySet().stream().map(e -> new Single(measure, e.getKey(), e.getValue()))));
        return Stream.concat(known.stream(), found);
    }

    /// What will be asked for, in words.
    public String words() {
        return words;
    }

    /// What it has heard, to be taken by the reading of another run.
    public Known known() {
        return new Known(heard, vectors, influence.sums(), angles.sums(), singles().sorted(
                Comparator.comparing(Single::measure).thenComparing(Single::without)).toList());
    }

    /// Takes what another run heard of the same passes; one that has heard something itself needs nothing.
    public void take(Known found) {
        if (asked > 0 || began || found.isNothing()) {
            return;
        }
        began = true;
        heard = asked = found.batches;
        vectors = found.vectors;
        influence.take(found.cosines);
        angles.take(found.turns);
        known = found.singles;
    }

    private Tap listening(int from, int to, Batch batch) {
        if (sums.isEmpty() || asked == data.batches() || from != data.start(asked) || to != data.end(asked)) {
            return Tap.NONE;
        }
        asked++;
        int last = model.layers().size() - 1;
        return new Tap() {
            @Override
            public void layer(int layer, Tensor x, Tensor y) {
                sums.forEach(sum -> sum.layer(layer, x, y, batch.padding()));
                if (layer == last) {
                    vectors += model.layout().count(batch.inputs(), batch.padding());
                    heard++;
                }
            }

            @Override
            public void ended() {
                asked = heard;
            }
        };
    }

    /// `1 − E[cos(input, output)]` of each layer, 1 of those that cannot go.
    ///
    /// @param work told what is computed
    public double[] influence(Meter work) {
        complete(work);
        return influence.influence(vectors);
    }

    /// How the stream turns.
    ///
    /// @param work told what is computed
    public StreamAngles angles(Meter work) {
        complete(work);
        return angles.angles(vectors);
    }

    /// Whether it is of this network.
    public boolean reads(LayeredModel of) {
        return of == model;
    }

    /// The last layer's output on a batch by stored statistics, in the scope that is open: the same whoever asks first.
    ///
    /// @param pass computes it
    public Tensor last(int batch, Precision precision, Supplier<Tensor> pass) {
        return last.of(batch, precision, pass);
    }

    private void complete(Meter work) {
        var counting = work.counting(model);
        while (heard < data.batches()) {
            int before = heard;
            int from = data.start(heard);
            int to = data.end(heard);
            Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    var batch = data.examples().batch(from, to);
                    var tap = along(from, to, batch);
                    try {
                        counting.body(batch.inputs(), Pass.evaluation(), tap);
                    } finally {
                        tap.ended();
                    }
                    return heard;
                }
            });
            if (heard == before) {
                throw new IllegalStateException("batch %d was run and not heard".formatted(before));
            }
        }
    }
}
