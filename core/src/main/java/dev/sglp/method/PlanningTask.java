package dev.sglp.method;

import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.CandidateSearch;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.Method.Wanted;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.Remainder;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.List;
import java.util.function.UnaryOperator;

/// What a method is asked.
///
/// @param model        the dense network
/// @param segmentation of its layers
/// @param criterion    scores sets of layers
/// @param remove       how many layers go; 0 scores every layer alone and removes none
/// @param kept         layers that must stay, besides those that cannot go
/// @param calibration  what the choice is made on
/// @param verification how the best plans are compared
/// @param limits       how much may be tried
/// @param remainder    how a candidate is looked at
/// @param finals       how the last few plans are looked at
/// @param memory       has a criterion that a method brings itself remember its scores as `criterion` does
public record PlanningTask(LayeredModel model, Segmentation segmentation, Criterion criterion, int remove,
        LayerSet kept, Calibration calibration, Verification verification, Limits limits, Remainder remainder,
        Remainder finals,
        UnaryOperator<Criterion> memory) {
    /// Nothing is remembered.
    public PlanningTask(LayeredModel model, Segmentation segmentation, Criterion criterion, int remove, LayerSet kept,
            Calibration calibration, Verification verification, Limits limits) {
        this(model, segmentation, criterion, remove, kept, calibration, verification, limits,
                Remainder.plain(model), Remainder.plain(model), UnaryOperator.identity());
    }

    /// @param data other examples than the choice was made on; may be empty
    /// @param pass as the network will run: by the batch's own statistics where batch norm is re-estimated afterwards
    /// @param by   what is compared
    public record Verification(Dataset data, Pass pass, Decision by) {
        /// By the loss.
        public Verification(Dataset data, Pass pass) {
            this(data, pass, Decision.OnData.LOSS);
        }

        Criterion criterion() {
            return by.by(pass);
        }
    }

    /// @param candidates at most how many sets are scored, besides each layer alone: every set where they are so few, else by beam
    /// @param verify     how many of the best plans run on the verification data; 0 for none
    /// @param polish     how many further plans are tried that differ from the best one by one layer; 0 for none
    /// @param decide     what of the best plans is compared
    public record Limits(int candidates, int verify, int polish, Decision decide) {
        /// Where nobody says otherwise: in trials more exchanges found nothing better.
        public static final int POLISH = 8;

        /// Nothing is polished.
        public Limits(int candidates, int verify) {
            this(candidates, verify, 0, Decision.OnData.LOSS);
        }

        public Limits {
            if (polish < 0) {
                throw new UsageException("--polish is at least 0, got " + polish);
            }
            if (candidates < 1) {
                throw new UsageException("--candidates is at least 1, got " + candidates);
            }
            if (verify < 0) {
                throw new UsageException("--verify is at least 0, got " + verify);
            }
        }
    }

    /// Of one pass of the dense network over the calibration data.
    public Meter meter() {
        return calibration.meter(model);
    }

    /// The criterion, with what all its scores share computed once.
    Criterion prepared(Meter work) {
        return criterion.prepared(model, calibration, work);
    }

    /// Among the layers of this segment that may go.
    CandidateSearch search(Segment segment, Criterion by) {
        return new CandidateSearch(model, segment, staying(segment), by, calibration).seen(remainder);
    }

    private LayerSet staying(Segment segment) {
        return kept.only(segment::contains);
    }

    /// How much these sets of one segment are missed.
    public ScoringTask question(int s, List<LayerSet> sets, Progress.Step step) {
        var segment = segmentation.segment(s);
        return new ScoringTask(model, segment, staying(segment), sets, calibration, step, meter()).seen(remainder);
    }

    /// How much these sets of all layers are missed.
    public ScoringTask question(List<LayerSet> sets, Progress.Step step) {
        return new ScoringTask(model, whole(), kept, sets, calibration, step, meter()).seen(remainder);
    }

    /// The same on other data, which cut the layers otherwise.
    public PlanningTask on(Segmentation other, Calibration data) {
        return new PlanningTask(model, other, criterion, remove, kept, data, verification, limits, remainder, finals,
                memory);
    }

    /// The same with another criterion.
    PlanningTask scoredBy(Criterion other) {
        return new PlanningTask(model, segmentation, other, remove, kept, calibration, verification, limits, remainder,
                finals,
                memory);
    }

    /// All layers as one segment, for methods that know no segments.
    Segment whole() {
        return new Segment(0, model.layers().size());
    }

    /// All layers that may go.
    public List<Integer> open() {
        return model.removable().without(kept).indices();
    }

    /// What a method is asked by it.
    public Wanted wanted() {
        return Wanted.of(model, kept, remove, Finals.held(this));
    }

    /// The layers of segment `s` that may go.
    public List<Integer> open(int s) {
        var segment = segmentation.segment(s);
        return model.removable().without(kept).only(segment::contains).indices();
    }
}
