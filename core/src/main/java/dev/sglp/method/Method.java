package dev.sglp.method;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes the choice which layers go: from the calibration data, a target and a criterion.
public interface Method {
    /// Its name on the command line and in reports.
    String name();

    /// The paper it comes from.
    String source();

    /// What it scores by: the criterion that was asked for, unless it brings its own or needs none.
    default Criterion criterion(Criterion asked) {
        return asked;
    }

    /// Whether its best plans are compared on the verification data.
    default boolean verifies() {
        return false;
    }

    /// Whether it looks at whole plans alone, and few of them.
    default boolean comparesFew() {
        return false;
    }

    /// What it is where no plans are compared.
    default Method unverified() {
        return this;
    }

    /// Why it is of no use to networks whose layers give this, for the user; absent where it is.
    default Optional<String> hindrance(Layout layout) {
        return Optional.empty();
    }

    /// Whether it has anything to say of this task; else {@link #choose} tells why not.
    default boolean fits(PlanningTask task) {
        return true;
    }

    /// Whether it needs scores of sets of several sizes, or of layers beyond their segment, to compare: a criterion that
    /// {@linkplain Criterion#comparesOneSize compares one size} is of no use to it.
    default boolean comparesSizes() {
        return false;
    }

    /// What it makes of the dense network's stream.
    ///
    /// @param criterion the one of {@link #criterion}
    /// @param wanted    what it will be asked
    default Set<Hearing> hears(Criterion criterion, Wanted wanted) {
        return criterion.hears();
    }

    /// What a method will be asked, as far as it is known before anything is read.
    ///
    /// @param remove   how many layers go
    /// @param open     layers that may go
    /// @param verified whether plans are compared
    /// @param layout   of what its layers give
    record Wanted(int remove, List<Integer> open, boolean verified, Layout layout) {
        public Wanted {
            open = List.copyOf(open);
        }

        /// Of this network.
        ///
        /// @param kept layers that stay, besides those that must
        public static Wanted of(LayeredModel model, LayerSet kept, int remove, boolean verified) {
            return new Wanted(remove, model.removable().without(kept).indices(), verified, model.layout());
        }
    }

    /// @param task its criterion is the one of {@link #criterion}
    Choice choose(PlanningTask task, Progress progress);
}
