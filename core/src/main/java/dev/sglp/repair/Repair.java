package dev.sglp.repair;

import dev.sglp.fault.UsageException;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import java.util.Optional;
import java.util.Set;

/// Mends what a removal leaves, in closed form or layer by layer: the layer behind a gap was trained on another stream than it gets.
public interface Repair {
    /// Its name on the command line and in reports, for instance `refit`.
    String name();

    /// Its settings in words, for instance `λ 1, all layers behind the first gap`; empty where it has none.
    default String words() {
        return "";
    }

    /// The paper it comes from.
    String source();

    /// What it needs of a network.
    default Set<RepairNeed> needs() {
        return Set.of();
    }

    /// Whether layers are fitted to the data, which takes memory.
    default boolean fits() {
        return false;
    }

    /// The least squares that it begins with: as these leave a network plans are compared; absent where it does not.
    default Optional<Refit> leastSquares() {
        return Optional.empty();
    }

    /// The same by other least squares.
    ///
    /// @param ridge λ, as {@link Refit#ridge}
    /// @param gaps  as {@link Refit#gaps}
    /// @throws UnsupportedOperationException where there are none
    default Repair with(double ridge, boolean gaps) {
        throw new UnsupportedOperationException(name() + " has no least squares");
    }

    /// Bytes that are held while a layer is changed, besides what least squares take.
    ///
    /// @param layer numbers of the largest one
    default long beside(long layer) {
        return 0;
    }

    /// Whether all tensors of a layer are changed, and not the last map alone.
    default boolean changesAll() {
        return false;
    }

    /// Looks whether a layer has room where layers are not in memory.
    ///
    /// @throws UsageException where it has not
    default void check(RepairTask task) {
        long needed = beside(task.largestLayer());
        LayerSource.of(task.dense()).map(LayerSource::spare).filter(spare -> spare < needed).ifPresent(spare -> {
            throw new UsageException(
                    "--repair %s needs %,d bytes for a layer, its gradients and moments, and the memory leaves %,d. Raise --memory, or --repair refit"
                            .formatted(name(), needed, spare));
        });
    }

    /// What is left of a network without some layers as this repair would mend it, cheaply, so that sets of layers can be compared as
    /// they will be shipped; absent where they are compared as they are.
    ///
    /// @param task    the dense network, the data, and which layers may go
    /// @param longest layers of a gap at most
    default Optional<GapMaps> view(RepairTask task, int longest, Progress progress) {
        return Optional.empty();
    }

    /// The same of the layers before gaps alone, so that a few plans can be compared as they will be shipped; absent where they are compared
    /// as they are.
    default Optional<Repair> beforeGaps() {
        return Optional.empty();
    }

    /// The smaller network with other tensors in the same places; configuration and shapes stay. Nothing is recorded, whoever has asked for
    /// gradients of the weights.
    default Repaired repair(RepairTask task, Progress progress) {
        return Autograd.recording(false, () -> mended(task, progress));
    }

    /// How.
    Repaired mended(RepairTask task, Progress progress);
}
