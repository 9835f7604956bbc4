package dev.sglp.report.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.report.RunRecord.Data;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.segmentation.Segmentation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything a study found so far.
///
/// @param study    `methods`, `segments`, `ablation` or `calibration`
/// @param quality  what the networks are compared by
/// @param settings one sentence each: what all rows share
/// @param dense    the network before anything was removed; absent until it was measured
/// @param also     the same on further data, in the order they were named
/// @param rows     finished choices, in the study's order
/// @param planned  how many there will be
/// @param sizes    segments by number of calibration images or tokens; empty in other studies
/// @param notes    choices made for the user and warnings, one sentence each
/// @param machine  on which the last of it ran, when and where; absent in a record of before
public record StudyRecord(String study, String command, String version, Quality quality, Model model, Data data,
        List<String> settings,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Evaluation dense,
        List<Also> also, List<StudyRow> rows, int planned,
        List<SizeRow> sizes, List<String> notes,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Machine machine) {
    public StudyRecord {
        settings = List.copyOf(settings);
        also = List.copyOf(also);
        rows = List.copyOf(rows);
        sizes = List.copyOf(sizes);
        notes = List.copyOf(notes);
    }

    /// The similarity of the layers on the first `examples` images or tokens of one draw.
    ///
    /// @param seed      of the draw
    /// @param estimator of CKA
    /// @param three     cut into three
    /// @param automatic cut where the loss curve bends
    /// @param distance  root mean square difference from the matrix on the most of them, over all pairs of layers
    public record SizeRow(long seed, String estimator, int examples, Segmentation three, Segmentation automatic,
            double distance) {}

    /// The healings that some row has, in the order they are done.
    public List<String> healings() {
        return rows.stream().flatMap(r -> r.measured().stream()).map(StudyRow.Measured::heal).distinct().toList();
    }
}
