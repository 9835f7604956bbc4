package dev.sglp.importance;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.importance.stream.Alone;
import dev.sglp.importance.stream.StreamReading;
import dev.sglp.importance.wave.NetworkWave;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.Tap;
import dev.sglp.model.repair.Remainder;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// What a criterion is asked: how much does `model` miss each of these sets of layers of one segment?
///
/// @param model      the dense network
/// @param segment    the segment all candidates lie in
/// @param kept       layers of the segment that no candidate lacks, besides those that cannot go
/// @param candidates sets of removable layers of that segment
/// @param data       the calibration data, and how to go through it
/// @param progress   told one unit for each scored candidate
/// @param work       told what is computed
/// @param listener   told each score by a criterion that knows it before the others
/// @param remainder  what the network is without a candidate, to criteria that run it
public record ScoringTask(LayeredModel model, Segment segment, LayerSet kept, List<LayerSet> candidates,
        Calibration data, Progress.Step progress, Meter work, Listener listener, Remainder remainder) {
    /// Told by any thread.
    public interface Listener {
        void scored(LayerSet candidate, Criterion.Score score);

        /// Where a criterion that knows all scores at once keeps how far it has come.
        default Resume resume() {
            return Resume.NEVER;
        }
    }

    /// Scores are wanted together.
    public ScoringTask(LayeredModel model, Segment segment, LayerSet kept, List<LayerSet> candidates,
            Calibration data, Progress.Step progress, Meter work) {
        this(model, segment, kept, candidates, data, progress, work, (_, _) -> {}, Remainder.plain(model));
    }

    /// Every removable layer may go, and nobody wants to know what is computed.
    public ScoringTask(LayeredModel model, Segment segment, List<LayerSet> candidates, Calibration data,
            Progress.Step progress) {
        this(model, segment, LayerSet.EMPTY, candidates, data, progress, data.meter(model));
    }

    public ScoringTask {
        candidates = List.copyOf(candidates);
        for (var candidate : candidates) {
            if (!candidate.indices().stream().allMatch(segment::contains)) {
                throw new IllegalArgumentException("candidate %s leaves its segment %s".formatted(candidate, segment));
            }
            if (candidate.overlaps(kept.indices())) {
                throw new IllegalArgumentException(
                        "candidate %s lacks a layer of %s, which stay".formatted(candidate, kept));
            }
        }
    }

    /// Works the candidates off side by side, every lane on a thread of its own.
    ///
    /// @param most lanes, for what each of them holds
    /// @param lane given the places of its candidates, in an order in which neighbours share long beginnings
    public void sideBySide(int most, Consumer<List<Integer>> lane) {
        var order = LayerSet.sharing(candidates);
        int lanes = Math.clamp(lanes(model, candidates.size()), 1, most);
        Threads.sideBySide(lanes, first -> lane.accept(IntStream.iterate(first, i -> i < order.size(), i -> i + lanes)
                .mapToObj(order::get).toList()));
    }

    /// A transformer's matrix products are of a size at which threads that share them wait for each other, a convolutional
    /// network's operations share well. A network that is read from its file is gone through once for all.
    static int lanes(LayeredModel model, int networks) {
        return model.layout().stream() && LayerSource.of(model).isEmpty()
                ? Math.clamp(networks, 1, Threads.lanes())
                : 1;
    }

    /// The same question of a network that stands for this one, for instance in another element type.
    ScoringTask on(LayeredModel other) {
        return new ScoringTask(other, segment, kept, candidates, data, progress, work, listener,
                Remainder.plain(other));
    }

    /// The same question on other data.
    public ScoringTask on(Calibration other) {
        return new ScoringTask(model, segment, kept, candidates, other, progress, work, listener, remainder);
    }

    /// The same question about some of the candidates.
    public ScoringTask of(List<LayerSet> some) {
        return new ScoringTask(model, segment, kept, some, data, progress, work, listener, remainder);
    }

    /// The same question, with another account of what is computed.
    public ScoringTask counted(Meter other) {
        return new ScoringTask(model, segment, kept, candidates, data, progress, other, listener, remainder);
    }

    /// The same question, each score told at once by criteria that can.
    public ScoringTask told(Listener other) {
        return new ScoringTask(model, segment, kept, candidates, data, progress, work, other, remainder);
    }

    /// The same question of the network as another remainder leaves it.
    public ScoringTask seen(Remainder other) {
        return new ScoringTask(model, segment, kept, candidates, data, progress, work, listener, other);
    }

    /// The loss of what each candidate leaves, in their order. What is known already counts what it would take all the same.
    double[] losses(NetworkLosses by) {
        var known = remainder instanceof Remainder.Plain
                ? data.reading.map(reading -> reading.losses(by, model)).orElse(Map.of())
                : Map.<LayerSet, Double>of();
        var open = candidates.stream().filter(set -> !known.containsKey(set)).toList();
        return open.size() == candidates.size() ? found(by) : losses(by, known, open);
    }

    private double[] losses(NetworkLosses by, Map<LayerSet, Double> known, List<LayerSet> open) {
        var networks = candidates.stream().map(remainder::without).toList();
        new NetworkWave(by, NetworkLosses.Bench.of(model, networks, data, work), LayerSource.of(model).orElseThrow())
                .count();
        var others = open.isEmpty() ? new double[0] : of(open).counted(new Meter(model, 1)).found(by);
        var rest = Arrays.stream(others).iterator();
        var losses = new double[candidates.size()];
        for (int i = 0; i < losses.length; i++) {
            var loss = known.get(candidates.get(i));
            losses[i] = loss == null ? rest.nextDouble() : loss;
            if (loss != null) {
                scored(i, Criterion.Score.of(loss));
            }
        }
        return losses;
    }

    private double[] found(NetworkLosses by) {
        var networks = new ArrayList<>(candidates.stream().map(remainder::without).toList());
        if (by.pass().precision() == Precision.FLOAT32 || !model.layout().stream()) {
            return losses(by, model, networks);
        }
        try (var _ = Scope.open()) { // a transformer in bfloat16 computes on weights of that type
            networks.add(model);
            var rounded = LayeredModel.in(DType.BF16, networks);
            try {
                return losses(by, rounded.getLast(), rounded.subList(0, candidates.size()));
            } finally {
                LayerSource.of(rounded.getLast()).ifPresent(LayerSource::release);
            }
        }
    }

    private double[] losses(NetworkLosses by, LayeredModel dense, List<LayeredModel> networks) {
        var losses = new double[candidates.size()];
        var known = data.reading.filter(reading -> model.layout().stream() && reading.reads(model));
        sideBySide(Integer.MAX_VALUE,
                places -> by.walk(new NetworkLosses.Bench(dense, networks, places, data, work, progress::say, known),
                        (place, loss) -> {
                            losses[place] = loss;
                            scored(place, Criterion.Score.of(loss));
                        }));
        return losses;
    }

    /// The candidate at this place has its score, which depends on no other candidate.
    public void scored(int candidate, Criterion.Score score) {
        listener.scored(candidates.get(candidate), score);
        progress.advance(1);
    }

    /// @param batchSize examples a forward pass
    /// @param seed      of the weights of layers that are drawn anew, and of scores that are drawn
    /// @param reading   of the stream, from passes that somebody makes over these data
    public record Calibration(Dataset examples, int batchSize, long seed, Optional<StreamReading> reading) {
        /// Nobody has run them.
        public Calibration(Dataset examples, int batchSize, long seed) {
            this(examples, batchSize, seed, Optional.empty());
        }

        public Calibration {
            if (examples.size() < 1) {
                throw new UsageException("the calibration data is empty. Raise --samples");
            }
            if (batchSize < 1) {
                throw new UsageException("--batch-size is at least 1, got " + batchSize);
            }
        }

        /// The same, read on the way by all who pass it with this network.
        ///
        /// @param wanted what will be asked of its stream
        public Calibration read(LayeredModel model, Set<Hearing> wanted) {
            return read(model, wanted, Alone.NOBODY, 0);
        }

        /// The same.
        ///
        /// @param alone layers of which it may be asked what is lost without each of them, if that is wanted
        /// @param run   layers of a run, if {@link Hearing#RUNS} is wanted
        public Calibration read(LayeredModel model, Set<Hearing> wanted, Alone alone, int run) {
            return new Calibration(examples, batchSize, seed,
                    Optional.of(new StreamReading(model, this, wanted, alone, run)));
        }

        /// Listens to a pass of that network over items `[from, to)`.
        public Tap along(int from, int to, Batch batch) {
            return reading.map(r -> r.along(from, to, batch)).orElse(Tap.NONE);
        }

        /// Whether it listens to passes over several batches side by side.
        public boolean sideBySide() {
            return reading.map(StreamReading::sideBySide).orElse(true);
        }

        /// What a network's stream says of this: from passes that were made already, or one of its own.
        public StreamReading reading(LayeredModel model, Hearing asked) {
            return reading(model, asked, 0);
        }

        /// The same of runs of so many layers.
        public StreamReading reading(LayeredModel model, Hearing asked, int run) {
            return reading.filter(r -> r.tells(asked, model))
                    .orElseGet(() -> new StreamReading(model, this, Set.of(asked), Alone.NOBODY, run));
        }

        /// How much more a pass over these others computes: by their answers.
        public double times(Dataset others) {
            return others.answers(0, others.size()) / (double) examples.answers(0, examples.size());
        }

        /// Other examples, in batches of about as many answers where each asks for more.
        public Calibration on(Dataset others) {
            double each = times(others) * examples.size() / others.size();
            return new Calibration(others, Math.clamp(Math.round(batchSize / each), 1, batchSize), seed);
        }

        /// One pass of this network over these data counts 1.
        public Meter meter(LayeredModel dense) {
            return new Meter(dense, examples.size());
        }

        /// Number of batches.
        public int batches() {
            return Math.ceilDiv(examples.size(), batchSize);
        }

        public Batch batch(int batch) {
            return examples.batch(start(batch), end(batch));
        }

        public int start(int batch) {
            return batch * batchSize;
        }

        public int end(int batch) {
            return Math.min(examples.size(), start(batch) + batchSize);
        }

        /// A batch's share of all answers: its mean loss has this weight in the mean of all.
        public double share(int batch) {
            return examples.answers(start(batch), end(batch)) / (double) examples.answers(0, examples.size());
        }
    }
}
