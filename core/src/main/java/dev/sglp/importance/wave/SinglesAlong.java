package dev.sglp.importance.wave;

import dev.sglp.importance.NetworkLosses;
import dev.sglp.importance.NetworkLosses.Bench;
import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.Groups;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import dev.sglp.model.work.Meter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// What is lost without each layer alone, found on the way of a pass that somebody makes of the dense network: each layer is in memory then,
/// and networks that lack another one pass it too, on batches of their own. The numbers are those of {@link NetworkWave}.
public final class SinglesAlong implements Tap {
    private final LayeredModel dense;
    private final Calibration data;
    private final Set<Measure> measures;
    private final List<LayerSet> sets; // the first one is empty
    private final List<LayeredModel> networks;
    private final Map<Measure, Map<LayerSet, Double>> found = new EnumMap<>(Measure.class);
    private @Nullable Going going;

    /// @param layers   that are left out, one at a time
    /// @param measures what is averaged, by the stored statistics
    public SinglesAlong(LayeredModel dense, Calibration data, List<Integer> layers, Set<Measure> measures) {
        this.dense = dense;
        this.data = data;
        this.measures = Set.copyOf(measures);
        sets = Stream.concat(Stream.of(LayerSet.EMPTY), layers.stream().map(LayerSet::of)).toList();
        networks = sets.stream().map(dense::without).toList();
    }

    /// On their way.
    private record Going(Waiting waiting, Wave wave) implements AutoCloseable {
        @Override
        public void close() {
            wave.close();
            waiting.close();
        }
    }

    /// Whether they had better go along than later, on their own.
    ///
    /// @param room bytes of memory that activations may take
    /// @param told what will wait on disk, where they had better
    public boolean pays(long room, Consumer<String> told) {
        var source = source();
        int batches = data.batches();
        long each = Wave.bytes(dense, batches, this::inputs);
        var all = new Groups(batches, networks.size());
        long alone = Groups.ofMany(source, networks.size(), batches, each).reads(all) * measures.size();
        if (!all.goAlong(source, each, room, alone)) {
            return false;
        }
        source.reserveWave(all.beyond(room, each), each, told);
        return true;
    }

    /// How many networks that differ by then pass this layer.
    public long passing(int layer) {
        return sets.stream().filter(set -> set.indices().stream().allMatch(gone -> gone < layer)).count();
    }

    private LayerSource source() {
        return LayerSource.of(dense).orElseThrow();
    }

    private Tensor inputs(int batch) {
        return data.batch(batch).inputs();
    }

    /// They go along from here.
    ///
    /// @param room bytes of memory that activations may take
    public void begin(long room) {
        var waiting = new Waiting(source(), room);
        try {
            going = new Going(waiting, Wave.before(networks, data.batches(), this::inputs,
                    new Wave.Ride(Pass.evaluation(), new Meter(dense, 1), waiting)));
        } catch (RuntimeException | Error e) {
            waiting.close();
            throw e;
        }
    }

    /// The dense network's pass is in this layer.
    @Override
    public void layer(int layer, Tensor input, Tensor output) {
        var now = Objects.requireNonNull(going);
        try {
            now.wave.through(layer);
            if (layer == dense.layers().size() - 1) {
                measures.forEach(measure -> found.put(measure, losses(now.wave, measure)));
                ended();
            }
        } catch (RuntimeException | Error e) {
            ended();
            throw e;
        }
    }

    private Map<LayerSet, Double> losses(Wave wave, Measure measure) {
        var losses = new HashMap<LayerSet, Double>();
        var bench = Bench.of(dense, networks, data, new Meter(dense, 1)); // whoever asks counts
        new NetworkWave(new NetworkLosses(measure, Pass.evaluation()), bench, source()).read(wave,
                (network, loss) -> losses.put(sets.get(network), loss));
        return losses;
    }

    @Override
    public void ended() {
        if (going != null) {
            going.close();
            going = null;
        }
    }

    /// By what each set is missed; empty where it was not asked for, or the pass is not through.
    public Map<LayerSet, Double> losses(Measure measure) {
        return found.getOrDefault(measure, Map.of());
    }
}
