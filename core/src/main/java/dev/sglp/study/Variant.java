package dev.sglp.study;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.RandomChoice;
import dev.sglp.method.Method;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.control.Tail;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Repair;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.similarity.Cka;

/// One way to choose the layers: every setting in which the rows of a study differ.
///
/// @param label     what people call it
/// @param cka       how layers are compared
/// @param cut       how they are cut into segments
/// @param method    how the choice is made
/// @param criterion how sets are scored
/// @param limits    how many candidates and plans are tried
/// @param seed      of everything random in the choice
/// @param seen      the repair as which sets are looked at
public record Variant(Label label, Cka cka, Cut cut, Method method, Criterion criterion, Limits limits, long seed,
        Repair seen) {
    /// Sets are looked at as they are.
    public Variant(Label label, Cka cka, Cut cut, Method method, Criterion criterion, Limits limits, long seed) {
        this(label, cka, cut, method, criterion, limits, seed, new NoRepair());
    }

    /// The same, looking at sets as this repair would mend them.
    public Variant seeing(Repair repair) {
        return new Variant(label, cka, cut, method, criterion, limits, seed, repair);
    }

    /// The same choice under another name.
    public Variant named(String id, String title, String compares) {
        return new Variant(new Label(id, title, compares), cka, cut, method, criterion, limits, seed, seen);
    }

    /// The same choice under another label.
    public Variant labelled(Label other) {
        return new Variant(other, cka, cut, method, criterion, limits, seed, seen);
    }

    Variant with(Cka other) {
        return new Variant(label, other, cut, method, criterion, limits, seed, seen);
    }

    Variant with(Cut other) {
        return new Variant(label, cka, other, method, criterion, limits, seed, seen);
    }

    Variant with(Method other) {
        return new Variant(label, cka, cut, other, criterion, limits, seed, seen);
    }

    Variant with(Criterion other) {
        return new Variant(label, cka, cut, method, other, limits, seed, seen);
    }

    Variant unverified() {
        return new Variant(label, cka, cut, method, criterion, new Limits(limits.candidates(), 0), seed);
    }

    /// The same with another seed.
    public Variant seeded(long other) {
        return new Variant(label, cka, cut, method, criterion, limits, other, seen);
    }

    /// Whether other calibration data may lead to another choice.
    public boolean readsCalibration() {
        return cut instanceof Cut.Similar || !(method instanceof Tail || criterion instanceof Magnitude
                || criterion instanceof RandomChoice);
    }

    /// Everything the choice depends on; its name is none of it.
    String settings() {
        return "%s; %s; %s; %s; %s; seed %d%s".formatted(cka, cut, method, criterion, limits, seed,
                seen instanceof NoRepair ? "" : "; seen as mended by " + seen);
    }
}
