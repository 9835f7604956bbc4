package dev.sglp.importance.stream;

import dev.sglp.data.Batch;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.Tap;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
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
    private final LastOutputs last = new LastOutputs();
    private int heard; // batches
    private long vectors;

    /// @param wanted what will be asked for
    public StreamReading(LayeredModel model, Calibration data, Set<Hearing> wanted) {
        this.model = model;
        this.data = data;
        this.wanted = Set.copyOf(wanted);
        influence = new InfluenceSums(model);
        angles = new AngleSums(model);
        if (wanted.contains(Hearing.INFLUENCE)) {
            sums.add(influence);
        }
        if (wanted.contains(Hearing.ANGLES)) {
            sums.add(angles);
        }
    }

    /// Whether it tells this of this network.
    public boolean tells(Hearing asked, LayeredModel of) {
        return reads(of) && wanted.contains(asked);
    }

    /// What listens to a pass of the network over items `[from, to)` of the data, where they are the batch that comes next.
    public Tap along(int from, int to, Batch batch) {
        if (sums.isEmpty() || heard == data.batches() || from != data.start(heard) || to != data.end(heard)) {
            return Tap.NONE;
        }
        int last = model.layers().size() - 1;
        return (layer, x, y) -> {
            sums.forEach(sum -> sum.layer(layer, x, y, batch.padding()));
            if (layer == last) {
                vectors += model.layout().count(batch.inputs(), batch.padding());
                heard++;
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
            int from = data.start(heard);
            int to = data.end(heard);
            Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    var batch = data.examples().batch(from, to);
                    counting.body(batch.inputs(), Pass.evaluation(), along(from, to, batch));
                    return heard;
                }
            });
        }
    }
}
