package dev.sglp.report.tuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.report.quality.Sample;
import dev.sglp.training.TrainingRecord;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything `finetune` found: one record, stable names, written by `--json` and drawn by its report.
///
/// @param command  the command line that reproduces it
/// @param data     the roles of the images, in words: training, verification, report
/// @param settings of the training, in words
/// @param before   on the report data
/// @param after    the network with the lowest loss on the verification data, which may be the one before, on the report data
/// @param seconds  seconds each step took, in order
/// @param machine  on which it ran, when and where
/// @param samples  how networks go on with the same texts before and after; absent where none is continued
public record TuningRecord(String command, String version, Model model, Map<String, String> data,
        Map<String, String> settings, Evaluation before, Evaluation after, TrainingRecord training,
        Map<String, Double> seconds, @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Sample> samples) {}
