package dev.sglp.family;

import dev.sglp.Oracle;
import dev.sglp.checkpoint.Weights;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// The same network in memory and streamed.
public record Both(ModelFile file, Weights resident, Weights few) implements AutoCloseable {
    /// @param layers in memory at a time
    /// @param room   bytes for activations
    public static Both open(String name, int layers, long room) throws IOException {
        var file = ModelFile.open(fixture(name));
        return new Both(file, file.forReading(), new Streaming(file, layers, room, 1L << 40).weights());
    }

    static Path fixture(String name) {
        return Path.of("src/test/resources", name.contains("/") ? "family" : "decoder", name);
    }

    static Tensor tokens(int windows, long seed) {
        var random = new Random(seed);
        return Tensors.longs(IntStream.range(0, windows * 12).mapToLong(_ -> random.nextInt(40)).toArray())
                .view(windows, 12);
    }

    /// Both are the caller's: a test runs in a scope.
    static Oracle.Items items(int windows, long seed) {
        var inputs = tokens(windows, seed);
        var targets = inputs.roll(new long[]{-1}, new long[]{1}).clone();
        targets.select(1, 11).fill_(new Scalar(-100L));
        return new Oracle.Items(inputs, targets, List.of());
    }

    /// What a criterion is asked of all layers.
    static ScoringTask asking(LayeredModel model, List<LayerSet> sets, Calibration data) {
        return asking(model, new Segment(0, model.layers().size()), sets, data);
    }

    static ScoringTask asking(LayeredModel model, Segment segment, List<LayerSet> sets, Calibration data) {
        return new ScoringTask(model, segment, sets, data, Progress.Silent.INSTANCE);
    }

    static double[] scores(Criterion criterion, LayeredModel model, List<LayerSet> sets, Calibration data) {
        return scores(criterion, model, new Segment(0, model.layers().size()), sets, data);
    }

    static double[] scores(Criterion criterion, LayeredModel model, Segment segment, List<LayerSet> sets,
            Calibration data) {
        return criterion.scores(asking(model, segment, sets, data)).stream().mapToDouble(Criterion.Score::value)
                .toArray();
    }

    public LayeredModel whole() {
        return file.architecture().build(resident);
    }

    public LayeredModel streamed() {
        return file.architecture().build(few);
    }

    /// Bytes of all layers in the file.
    long layers() {
        return file.architecture().layers().stream().mapToLong(layer -> layer.cost().bytes()).sum();
    }

    @Override
    public void close() {
        few.close();
        resident.close();
        file.close();
    }
}
