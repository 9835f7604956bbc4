package dev.sglp.report.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.segmentation.Segmentation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One way to choose, with what became of the network.
///
/// @param remove      how many layers went
/// @param seed        of everything random in the choice
/// @param calibration how many images, or windows of text, the choice was made on
/// @param tokens      of those windows; absent for images
/// @param measured    what was measured so far, in the order of the healings
public record StudyRow(Label label, int remove, long seed, int calibration,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer tokens, Chosen chosen, List<Measured> measured) {
    public StudyRow {
        measured = List.copyOf(measured);
    }

    /// @param id       one word, for the table's first column and `--train-rows`
    /// @param title    as people say it
    /// @param compares what this row against another one tells
    /// @param choice   the same for rows that make the same choice on more or fewer calibration data
    public record Label(String id, String title, String compares, String choice) {
        public Label(String id, String title, String compares) {
            this(id, title, compares, title);
        }
    }

    /// @param removed      the layers to go
    /// @param segmentation they were chosen in
    /// @param quota        how many from each segment
    /// @param candidates   how many sets were scored, of how many
    /// @param seconds      what the choice takes alone: similarity, segments, scores, verification; what rows share counts
    ///                     in each
    /// @param dtype        what sets of layers were scored in
    public record Chosen(LayerSet removed, Segmentation segmentation, List<Integer> quota, Candidates candidates,
            double seconds, String dtype) {
        public Chosen {
            quota = List.copyOf(quota);
        }
    }

    /// @param heal       `none`, `bn`, or how many epochs of training
    /// @param evaluation on the report images; with latency where it was measured
    /// @param dense      the dense network's latency in the same minute; absent where it was not measured
    /// @param seconds    healing took
    /// @param also       on further data, in the order they were named
    public record Measured(String heal, Evaluation evaluation,
            @JsonProperty("dense_latency_ms") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Latency dense,
            double seconds, @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable List<Also> also) {
        public Measured {
            also = also == null ? List.of() : List.copyOf(also); // absent in parts without
        }

        @Override
        public List<Also> also() {
            return Objects.requireNonNull(also);
        }

        /// On the report data alone.
        public Measured(String heal, Evaluation evaluation, @Nullable Latency dense, double seconds) {
            this(heal, evaluation, dense, seconds, List.of());
        }

        public Measured with(List<Also> further) {
            return new Measured(heal, evaluation, dense, seconds, further);
        }
    }

    /// How many calibration images, or tokens of text.
    public int size() {
        return tokens == null ? calibration : tokens;
    }

    /// What was measured after this healing; empty where it was not.
    public Optional<Measured> after(String heal) {
        return measured.stream().filter(m -> m.heal.equals(heal)).findFirst();
    }
}
