package dev.sglp.repair.gradient;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.repair.GapMaps;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Refit.Moved;
import dev.sglp.repair.Repair;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repaired;
import dev.sglp.repair.Repaired.Change;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.speed.SpeedProbe;
import dev.sglp.training.Augmentation;
import dev.sglp.training.TrainingDiverged;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.blockwise.LayerFit;
import dev.sglp.training.blockwise.LayerFit.Examples;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Least squares, and behind them all tensors of each layer by gradient, to the same aim and front to back: no network is differentiated, and
/// one layer's gradients and moments are in memory.
///
/// @param first  the least squares
/// @param passes over the data, for each layer
/// @param rough  whether it may compute in bfloat16, where this machine is faster at it; weights and sums are float32
public record Blockwise(Refit first, int passes, boolean rough) implements Repair {
    private static final int PASSES = 4;
    private static final double RATE = 3e-4;
    private static final int WARM_UP = 3; // steps
    private static final int TOGETHER = 2; // batches a step
    private static final int HELD = 5; // the layer, its copy in float32, the gradients, two moments

    /// The usual least squares, four passes.
    public static Blockwise standard() {
        return new Blockwise(Refit.standard(), PASSES, true);
    }

    @Override
    public Blockwise with(double ridge, boolean gaps) {
        return new Blockwise(first.with(ridge, gaps), passes, rough);
    }

    @Override
    public String name() {
        return "blockwise";
    }

    @Override
    public String words() {
        return "%s, then all of each layer by %d passes of gradient".formatted(first.words(), passes);
    }

    @Override
    public String source() {
        return "least squares, then gradients, layer by layer";
    }

    @Override
    public Set<RepairNeed> needs() {
        return EnumSet.of(RepairNeed.LAST_MAP, RepairNeed.TOKEN_STREAM);
    }

    @Override
    public boolean fits() {
        return true;
    }

    @Override
    public Optional<Refit> leastSquares() {
        return Optional.of(first);
    }

    @Override
    public Optional<GapMaps> view(RepairTask task, int longest, Progress progress) {
        return first.view(task, longest, progress);
    }

    @Override
    public Optional<Repair> beforeGaps() {
        return first.beforeGaps();
    }

    @Override
    public long beside(long layer) {
        return HELD * Float.BYTES * layer;
    }

    @Override
    public boolean changesAll() {
        return true;
    }

    @Override
    public Repaired mended(RepairTask task, Progress progress) {
        check(task);
        var meter = new Meter(task.dense(), task.data().size());
        var type = type(task.dense());
        var repaired = first.mended(task, Optional.of((fitted, examples) -> trained(fitted, examples, type, meter)),
                progress);
        if (type == DType.BF16 && !repaired.changes().isEmpty()) {
            repaired.note(
                    "By gradient in bfloat16, at which this machine is faster; weights, gradients and moments are float32.");
        }
        return repaired;
    }

    /// What is computed in: bfloat16 where that is allowed and this machine is faster at it.
    private DType type(LayeredModel dense) {
        return !rough || SpeedProbe.ofLargest(dense.device(), dense.layers().stream()
                .flatMap(layer -> layer.parameters().values().stream())) < SpeedProbe.WORTH ? DType.F32 : DType.BF16;
    }

    /// The layer trained; empty where it came no nearer, or diverged.
    private Optional<Moved> trained(Change fitted, Examples examples, DType type, Meter meter) {
        return fitted.layer().held(held -> {
            var own = held.mapped(Blockwise::movable);
            var fit = new LayerFit(own, settings(), type, meter);
            try (var step = Progress.silent().step("fitting", fit.steps(examples.size()), "steps")) {
                double before = fit.distance(examples);
                fit.train(examples, step, () -> {});
                double after = fit.distance(examples);
                return after < before ? Optional.of(moved(fitted, own, after / before)) : Optional.<Moved>empty();
            } catch (TrainingDiverged e) {
                return Optional.<Moved>empty();
            }
        });
    }

    /// What is moved in place: float32, the layer's own.
    private static Tensor movable(Tensor tensor) {
        return tensor.is_floating_point()
                ? Autograd.off(() -> tensor.detach().to(torch.ScalarType.Float).clone())
                : tensor;
    }

    /// @param nearer the distance as a share of what least squares left, which measure it in their own way
    private static Moved moved(Change fitted, Layer trained, double nearer) {
        var tensors = new LinkedHashMap<String, Tensor>();
        trained.parameters().forEach((name, tensor) -> tensors.put(name, tensor.detach()));
        var was = fitted.fit();
        return new Moved(tensors,
                new Repaired.LayerFit(fitted.index(), was.lambda(), was.before(), was.after() * nearer));
    }

    private TrainingSettings settings() {
        return new TrainingSettings(passes, TOGETHER, Optimizer.AdamW.standard(), Schedule.cosine(RATE, WARM_UP),
                new Regularisation(0, 0, 1, Augmentation.none()), 0);
    }
}
