package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.work.Meter;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// Says how much a network misses a set of its layers. **The lowest score is removed first.**
public interface Criterion {
    /// Its name on the command line and in reports, for instance `gradnorm`.
    String name();

    /// The paper it comes from.
    String source();

    /// One score for each candidate of the task, in its order. The network's weights are the same afterwards as before.
    List<Score> scores(ScoringTask task);

    /// Whether it runs what a candidate leaves, mended where a repair is in view.
    default boolean runsRemainders() {
        return false;
    }

    /// Whether it draws weights, so that another seed leads to other scores of the same data.
    default boolean drawsWeights() {
        return false;
    }

    /// Whether only scores of sets of one size in one segment compare. Such sets are not grown from smaller ones: where there are more than the
    /// budget of each segment, so many are drawn.
    default boolean comparesOneSize() {
        return false;
    }

    /// The same criterion looking at networks whose batch norm normalises by these statistics; itself where it runs none, or has its own.
    default Criterion by(Pass pass) {
        return this;
    }

    /// The same criterion computing in another precision; itself where it knows only float32.
    default Criterion in(Precision precision) {
        return this;
    }

    /// What it makes of the dense network's stream: it is asked for while the network runs over the calibration data anyway.
    default Set<Hearing> hears() {
        return Set.of();
    }

    /// The same criterion, with what all its scores share computed once; itself where they share nothing.
    default Criterion prepared(LayeredModel model, Calibration data, Meter work) {
        return this;
    }

    /// A criterion that looks at nothing but which layers go.
    static Criterion of(String name, ToDoubleFunction<LayerSet> score) {
        return new Criterion() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String source() {
                return "the user's own";
            }

            @Override
            public List<Score> scores(ScoringTask task) {
                task.progress().advance(task.candidates().size());
                return task.candidates().stream().map(set -> Score.of(score.applyAsDouble(set))).toList();
            }
        };
    }

    /// @param value  the score; a set whose score is not finite is removed last
    /// @param spread standard deviation over independent draws; 0 where there is one
    record Score(double value, double spread) {
        /// Of a set that leaves a network whose numbers are not finite.
        static final Score NONE = new Score(Double.NaN, 0);

        public boolean finite() {
            return Double.isFinite(value);
        }

        public static Score of(double value) {
            return new Score(value, 0);
        }
    }
}
