package dev.sglp.pruning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.ChoiceDigest.Claim;
import dev.sglp.segmentation.Segmentation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which layers to remove, and why: pure data that can be read, edited and applied.
///
/// @param removed      the layers to remove, indices in the original network
/// @param names        their names, in the same order
/// @param method       name of the method that made it, for instance `sglp`; {@link #BY_HAND} or {@link #EDITED} where none did
/// @param criterion    name of the criterion, for instance `gradnorm`; `none` where there was none
/// @param layers       number of layers of the original network
/// @param segmentation the segments they were chosen in
/// @param quota        how many are removed from each segment
/// @param candidates   how many sets of layers were scored, of how many
/// @param choices      every scored set of each segment, of the size that goes, lowest (removed first) first
/// @param verification the best plans on the verification data, those that were repaired whole first, each lowest loss first; empty where
///                     it was off
/// @param provenance   what it was made from
/// @param digest       of the choice as it was made ({@link ChoiceDigest}), which an edit does not change along; absent in plans of
///                     earlier versions
/// @param repair       how what the removal left was repaired; absent where nothing was
/// @param preset       by which it was made; absent where there was none, or somebody edited the plan
/// @param settings     all of the choice, and of what follows it, by their flags; absent in plans of earlier versions, and where no method
///                     chose
public record PruningPlan(LayerSet removed, List<String> names, String method, String criterion, int layers,
        Segmentation segmentation, List<Integer> quota, Candidates candidates, List<SegmentChoice> choices,
        List<Verified> verification, Provenance provenance,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String digest,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable RepairSummary repair,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UsedPreset preset,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> settings) {
    /// Instead of a method's name: somebody changed what a method had chosen.
    public static final String EDITED = "edited by hand";
    /// Instead of a method's name: somebody said which layers go.
    public static final String BY_HAND = "by hand";
    private static final String NONE = "none";

    public PruningPlan {
        names = List.copyOf(names);
        quota = List.copyOf(quota);
        choices = List.copyOf(choices);
        verification = List.copyOf(verification);
        settings = settings == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        for (int layer : removed.indices()) {
            if (layer >= layers) {
                throw new UsageException("the plan removes layer %d of a network of %d layers (0 to %d)"
                        .formatted(layer, layers, layers - 1));
            }
        }
        if (removed.size() == layers) {
            throw new UsageException("the plan removes all %d layers; at least one stays".formatted(layers));
        }
    }

    /// A choice that nobody has changed.
    public PruningPlan(LayerSet removed, List<String> names, String method, String criterion, int layers,
            Segmentation segmentation, List<Integer> quota, Candidates candidates, List<SegmentChoice> choices,
            List<Verified> verification, Provenance provenance) {
        this(removed, names, method, criterion, layers, segmentation, quota, candidates, choices, verification,
                provenance,
                ChoiceDigest.of(removed, new Claim(method, criterion, segmentation, candidates), provenance), null,
                null, null);
    }

    /// The same with what was repaired.
    public PruningPlan with(@Nullable RepairSummary repaired) {
        return new PruningPlan(removed, names, method, criterion, layers, segmentation, quota, candidates, choices,
                verification, provenance, digest, repaired, preset, settings);
    }

    /// The same of a network from which the layers were removed and nothing else was done: the repair and the healing that were asked for are
    /// no claim of it.
    public PruningPlan unrepaired() {
        var asked = new LinkedHashMap<>(settings == null ? Map.<String, String>of() : settings);
        if (repair != null) {
            asked.putIfAbsent("--repair", repair.name());
        }
        boolean known = settings != null || repair != null; // what the preset had
        var used = preset == null || !known ? null : preset.unrepaired(asked);
        asked.keySet().removeIf(flag -> flag.startsWith("--repair-"));
        List.of("--repair", "--heal").forEach(flag -> asked.put(flag, NONE));
        return new PruningPlan(removed, names, method, criterion, layers, segmentation, quota, candidates, choices,
                verification, provenance, digest, null, used, settings == null ? null : asked);
    }

    /// The same with all settings by which it was made.
    public PruningPlan under(@Nullable Map<String, String> flags) {
        return new PruningPlan(removed, names, method, criterion, layers, segmentation, quota, candidates, choices,
                verification, provenance, digest, repair, preset, flags);
    }

    /// The same with the preset by which it was made.
    public PruningPlan by(@Nullable UsedPreset used) {
        return new PruningPlan(removed, names, method, criterion, layers, segmentation, quota, candidates, choices,
                verification, provenance, digest, repair, used, settings);
    }

    /// What somebody chose who needs no method.
    ///
    /// @param names of all layers
    public static PruningPlan byHand(LayerSet removed, List<String> names, Provenance provenance) {
        var whole = new Segmentation(List.of(0, names.size()), List.of(), NONE);
        return new PruningPlan(removed, named(removed, names), BY_HAND, NONE, names.size(), whole,
                List.of(removed.size()), new Candidates(0, 0, NONE), List.of(), List.of(), provenance);
    }

    private static List<String> named(LayerSet layers, List<String> names) {
        return layers.indices().stream().filter(i -> i < names.size()).map(names::get).toList(); // others are refused
    }

    /// The plan as it is to be told, with the names that the network has. One that was edited claims its method no longer, since that chose other layers; what it has of
    /// scores is left out.
    ///
    /// @param names of all layers of the network
    public PruningPlan of(List<String> names) {
        if (!isEdited(names)) {
            return new PruningPlan(removed, named(removed, names), method, criterion, layers, segmentation, quota,
                    candidates, choices, verification, provenance, digest, repair, preset, settings);
        }
        var quota = segmentation.segments().stream()
                .map(s -> removed.only(s::contains).size()).toList();
        return new PruningPlan(removed, named(removed, names), EDITED, NONE, layers, segmentation, quota,
                new Candidates(0, 0, NONE), List.of(), List.of(), provenance).with(repair);
    }

    /// By what the plan itself recorded; without a digest by its names, since whoever edits a plan changes the numbers.
    private boolean isEdited(List<String> names) {
        return digest == null
                ? !this.names.equals(named(removed, names))
                : !digest.equals(ChoiceDigest.of(removed, new Claim(method, criterion, segmentation, candidates),
                        provenance));
    }

    /// How the layers were chosen, in words: `method sglp, criterion gradnorm`, or by hand.
    public String how() {
        return hasMethod() ? "method %s, criterion %s".formatted(method, criterion) : method;
    }

    /// Whether a method chose the layers, and nobody changed them.
    public boolean hasMethod() {
        return !method.equals(EDITED) && !method.equals(BY_HAND);
    }

    /// @param scored   how many sets were scored
    /// @param possible how many there are to score: those that the segments may give, and every layer alone
    /// @param search   `all` or `beam(width)`, `beam(1, best B)` where a step tries the B layers that are best alone; `auto` where several methods searched; `drawn(N)` where at most N of each segment were drawn; of methods without segments `each alone`, `one by one` or `none`
    /// @param forwardEquivalents what that took; absent where it was not counted
    /// @param notFinite          scored sets that leave a network whose score is no finite number: they were ranked last
    public record Candidates(int scored, long possible, String search,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ForwardEquivalents forwardEquivalents,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable List<LayerSet> notFinite) {
        public Candidates {
            notFinite = notFinite == null ? List.of() : List.copyOf(notFinite); // older plans do not say it
        }

        /// All scores were finite.
        public Candidates(int scored, long possible, String search, @Nullable ForwardEquivalents forwardEquivalents) {
            this(scored, possible, search, forwardEquivalents, List.of());
        }

        public Candidates(int scored, long possible, String search) {
            this(scored, possible, search, null);
        }

        @Override
        public List<LayerSet> notFinite() {
            return notFinite == null ? List.of() : notFinite;
        }

        /// The same with these sets ranked last.
        public Candidates lacking(List<LayerSet> sets) {
            return new Candidates(scored, possible, search, forwardEquivalents, sets);
        }

        /// The same after the layers were compared.
        ///
        /// @param similarity what that took
        public Candidates after(double similarity) {
            return with(new ForwardEquivalents(similarity, work().scores, work().verification));
        }

        /// The same after the best plans were verified.
        ///
        /// @param verification what that took
        public Candidates verified(double verification) {
            return with(new ForwardEquivalents(work().similarity, work().scores, verification));
        }

        private ForwardEquivalents work() {
            return forwardEquivalents == null ? new ForwardEquivalents(0, 0, 0) : forwardEquivalents;
        }

        private Candidates with(ForwardEquivalents counted) {
            return new Candidates(scored, possible, search, counted, notFinite);
        }
    }

    /// What was computed. One pass of the dense network forward over the calibration data counts 1, backward 2; passes
    /// through some parts or over some examples count their share, what candidates share counts once. The check of bfloat16
    /// on a few layers, the loss of each layer alone, for the diagnosis, the second look, and fitting repairs, of single gaps as of whole
    /// plans, are not counted.
    ///
    /// @param similarity   comparing the layers
    /// @param scores       scoring sets of layers
    /// @param verification running the best plans on the verification data
    public record ForwardEquivalents(double similarity, double scores, double verification) {
        /// Everything that looked at the calibration data.
        public double choosing() {
            return similarity + scores;
        }
    }

    /// The scored candidates of one segment.
    ///
    /// @param scores every scored set with its score, lowest first
    public record SegmentChoice(int segment, int remove, List<Scored> scores) {
        public SegmentChoice {
            scores = List.copyOf(scores);
        }
    }

    /// A set of layers with its score; the lowest score is removed first.
    ///
    /// @param spread standard deviation over the draws, 0 for a single draw
    public record Scored(LayerSet layers, double score, double spread) {}

    /// A whole plan with its loss on the verification data.
    ///
    /// @param total the sum of its segments' scores, by which it entered; with a global quota, by how much it raises them; NaN
    ///              where plans of several methods meet
    /// @param loss  mean loss on the verification data
    /// @param by    which method found it; absent where one method found all
    /// @param whole whether the loss is that of the network repaired whole, or else gap by gap; absent where all were looked at alike
    public record Verified(LayerSet removed, double total, double loss,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String by,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean whole) {
        /// Looked at as all others.
        public Verified(LayerSet removed, double total, double loss, @Nullable String by) {
            this(removed, total, loss, by, null);
        }

        public Verified(LayerSet removed, double total, double loss) {
            this(removed, total, loss, null);
        }

        /// The same beside plans that were repaired otherwise.
        public Verified repaired(boolean wholly) {
            return new Verified(removed, total, loss, by, wholly);
        }
    }

    /// What the plan was made from.
    ///
    /// @param weights    SHA-256 of the checkpoint file
    /// @param data       name of the calibration data and a hash of its items
    /// @param seed       of everything random but weights
    /// @param weightSeed of weights that were drawn; absent in plans that do not tell it apart
    public record Provenance(String model, String weights, String data, long seed,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long weightSeed, String version,
            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("command") @Nullable String command) {
        /// One seed for everything.
        public Provenance(String model, String weights, String data, long seed, String version,
                @Nullable String command) {
            this(model, weights, data, seed, null, version, command);
        }
    }
}
