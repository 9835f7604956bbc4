package dev.sglp.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.UsedPreset;
import dev.sglp.report.quality.Sample;
import dev.sglp.pruning.Trust;
import dev.sglp.report.mechanism.Mechanisms;
import dev.sglp.report.tuning.Lesson;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.training.TrainingRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything `analyze` or `prune` found: one record, stable names, written by `--json` and drawn by the report.
///
/// @param command    the command line that reproduces it
/// @param similarity the CKA matrix with its settings; its `values` stand as `similarity` in the JSON; absent where the
///                   method needs none
/// @param criterion  by which sets of layers are scored
/// @param importance loss-when-absent and criterion of every removable layer alone; empty where not measured
/// @param afterRepair the network after the repair, before it is healed; absent where nothing was to be repaired. What was repaired stands in
///                   the plan
/// @param training   how healing by training went; absent where there was none
/// @param seconds    seconds each step took, in order
/// @param machine    on which it ran, when and where
/// @param trust      what a second look at the choice came to; absent where nothing was chosen
/// @param mechanisms what the losses say of the ideas the method rests on; absent where they were not measured
/// @param notes      choices made for the user and warnings, one sentence each
/// @param healSettings of the training that healed, in words; absent where there was none
/// @param samples    how the dense network and each that was made of it go on with the same texts; absent where none is continued
/// @param preset     by which it was made; absent where there was none
/// @param settings   all of the choice, and of what follows it, by their flags; absent where nobody says
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRecord(String command, String version, Model model, Data data, List<LayerRow> layers,
        @JsonUnwrapped @Nullable Similarity similarity, Segmentation segmentation, @Nullable PruningPlan plan,
        String criterion, List<Single> importance, List<Agreement> agreement, @Nullable Evaluation before,
        @JsonProperty("after_removal") @Nullable Evaluation afterRemoval,
        @JsonProperty("after_repair") @Nullable Evaluation afterRepair, @Nullable Evaluation after,
        @Nullable String heal, @Nullable TrainingRecord training, Map<String, Double> seconds,
        @JsonProperty("peak_rss_bytes") long peakRssBytes, Machine machine, @Nullable Trust trust,
        @Nullable Mechanisms mechanisms, List<String> notes, @Nullable Output output,
        @JsonProperty("heal_settings") @Nullable Map<String, String> healSettings,
        @Nullable List<Sample> samples, @Nullable UsedPreset preset, @Nullable Map<String, String> settings) {
    public RunRecord {
        settings = settings == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /// No text was continued, and nothing trained; preset and settings are the plan's.
    public RunRecord(String command, String version, Model model, Data data, List<LayerRow> layers,
            @Nullable Similarity similarity, Segmentation segmentation, @Nullable PruningPlan plan, String criterion,
            List<Single> importance, List<Agreement> agreement, @Nullable Evaluation before,
            @Nullable Evaluation afterRemoval, @Nullable Evaluation afterRepair, @Nullable Evaluation after,
            @Nullable String heal, @Nullable TrainingRecord training, Map<String, Double> seconds, long peakRssBytes,
            Machine machine, @Nullable Trust trust, @Nullable Mechanisms mechanisms, List<String> notes,
            @Nullable Output output) {
        this(command, version, model, data, layers, similarity, segmentation, plan, criterion, importance, agreement,
                before, afterRemoval, afterRepair, after, heal, training, seconds, peakRssBytes, machine, trust,
                mechanisms, notes, output, null, null, plan == null ? null : plan.preset(),
                plan == null ? null : plan.settings());
    }

    /// The same with continued texts.
    public RunRecord with(List<Sample> texts) {
        return new RunRecord(command, version, model, data, layers, similarity, segmentation, plan, criterion,
                importance, agreement, before, afterRemoval, afterRepair, after, heal, training, seconds, peakRssBytes,
                machine, trust, mechanisms, notes, output, healSettings, List.copyOf(texts), preset, settings);
    }

    /// The same by this preset.
    public RunRecord by(@Nullable UsedPreset used) {
        return new RunRecord(command, version, model, data, layers, similarity, segmentation, plan, criterion,
                importance, agreement, before, afterRemoval, afterRepair, after, heal, training, seconds, peakRssBytes,
                machine, trust, mechanisms, notes, output, healSettings, samples, used, settings);
    }

    /// The same with all settings by which it was made.
    public RunRecord under(@Nullable Map<String, String> flags) {
        return new RunRecord(command, version, model, data, layers, similarity, segmentation, plan, criterion,
                importance, agreement, before, afterRemoval, afterRepair, after, heal, training, seconds, peakRssBytes,
                machine, trust, mechanisms, notes, output, healSettings, samples, preset, flags);
    }

    /// The same with the settings of the training that healed, in words.
    public RunRecord trained(Map<String, String> words) {
        return new RunRecord(command, version, model, data, layers, similarity, segmentation, plan, criterion,
                importance, agreement, before, afterRemoval, afterRepair, after, heal, training, seconds, peakRssBytes,
                machine, trust, mechanisms, notes, output,
                Collections.unmodifiableMap(new LinkedHashMap<>(words)), samples, preset, settings);
    }

    /// How the network was healed by training, one sentence or two; empty where it was not.
    public String healed() {
        return training == null || training.items() == null
                ? ""
                : "Healed by training: %s. The weights of the written network are %s.".formatted(
                        Lesson.words(healSettings == null ? Map.of() : healSettings, training.items()),
                        training.takenInWords());
    }

    /// Nothing was repaired or looked at a second time, and the losses say nothing of the ideas.
    RunRecord(String command, String version, Model model, Data data, List<LayerRow> layers,
            @Nullable Similarity similarity, Segmentation segmentation, @Nullable PruningPlan plan, String criterion,
            List<Single> importance, List<Agreement> agreement, @Nullable Evaluation before,
            @Nullable Evaluation afterRemoval, @Nullable Evaluation after, @Nullable String heal,
            @Nullable TrainingRecord training, Map<String, Double> seconds, long peakRssBytes, Machine machine,
            List<String> notes, @Nullable Output output) {
        this(command, version, model, data, layers, similarity, segmentation, plan, criterion, importance, agreement,
                before, afterRemoval, null, after, heal, training, seconds, peakRssBytes, machine, null, null,
                notes, output);
    }

    /// `similarity` is the N×N matrix itself, its settings stand beside it.
    public record Similarity(@JsonProperty("similarity") List<List<Double>> values, String kernel, String estimator,
            @JsonProperty("calibration_examples") int examples) {
        public static Similarity of(SimilarityMatrix m) {
            return new Similarity(m.values(), m.kernel(), m.estimator(), m.examples());
        }
    }

    /// @param description what people call it, up to the first comma its name: `ResNet-56, 9-9-9 blocks, 10 classes`
    /// @param layers      number of layers
    /// @param parameters  number of trainable scalars
    /// @param macs        multiply-accumulate operations
    /// @param macsOf      of what: `an example` or `a token`
    /// @param bytes       bytes of its weight files
    /// @param lossIn      what its loss is counted in: `nats`, or of embeddings `1 − cosine`
    public record Model(String path, String family, String description, int layers, long parameters, long macs,
            @JsonProperty("macs_of") String macsOf, long bytes, @JsonProperty("loss_in") String lossIn) {
        /// Of a network whose loss is counted in nats.
        public Model(String path, String family, String description, int layers, long parameters, long macs,
                String macsOf, long bytes) {
            this(path, family, description, layers, parameters, macs, macsOf, bytes, "nats");
        }
    }

    /// The data roles, as people call them.
    ///
    /// @param healing what was trained on; absent where nothing was
    public record Data(String calibration, String verification, String report, @Nullable String healing) {
        /// Of a run that trains nothing.
        public Data(String calibration, String verification, String report) {
            this(calibration, verification, report, null);
        }
    }

    /// @param fixed why the layer cannot be removed; absent where it can
    public record LayerRow(int index, String name, boolean removable, @Nullable String fixed, long parameters,
            long macs, List<Long> output, boolean removed) {}

    /// A removable layer alone.
    ///
    /// @param score         the criterion's score with this layer absent
    /// @param lossIncrease  loss when absent minus dense loss, nats, of the network as `mechanisms` looks at it; absent where not measured
    public record Single(int layer, int segment, double score, double spread,
            @JsonProperty("loss_increase") @Nullable Double lossIncrease) {}

    /// Rank correlation (Spearman) of the criterion with loss when absent inside a segment; 1 is perfect.
    public record Agreement(int segment, int layers, @Nullable Double spearman) {}

    /// Where the pruned network was written and the lines that open it elsewhere.
    public record Output(String directory, String weights, Stored stored, @JsonProperty("open_with") String openWith,
            @JsonProperty("largest_logit_difference") double largestLogitDifference) {}

    /// What is written, beside what was given.
    ///
    /// @param bytes    of the weight files that are written
    /// @param given    bytes of the weight files that were read
    /// @param types    how many tensors are written in which element type, for instance `float16`
    /// @param why      what is written in other types than it was given, one sentence each
    /// @param rounding the largest difference of a logit that rounding to these types makes, on random inputs; absent where nothing is
    ///                 rounded. What was measured of the network after it is of the rounded one
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Stored(long bytes, @JsonProperty("given_bytes") long given, Map<String, Integer> types,
            List<String> why, @JsonProperty("largest_rounding_difference") @Nullable Double rounding) {
        public Stored {
            types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
            why = List.copyOf(why);
        }

        /// For people; none where the types are those that were given.
        public List<String> sentences() {
            var sentences = new ArrayList<>(why);
            if (rounding != null) {
                sentences.add(String.format(Locale.ROOT, "Rounding moves a logit by at most %.1e.", rounding));
            }
            return sentences;
        }
    }
}
