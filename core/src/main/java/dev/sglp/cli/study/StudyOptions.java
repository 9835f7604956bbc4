package dev.sglp.cli.study;

import dev.sglp.cli.choice.Deciding;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.data.Modality.RepairFrom;
import dev.sglp.cli.data.Modality;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.tuning.LatencyOptions;
import dev.sglp.cli.typed.Given;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.pruning.Quota;
import dev.sglp.pruning.Target;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.repair.Repairs;
import dev.sglp.training.FineTuning;
import dev.sglp.training.Healing;
import dev.sglp.training.Healings;
import dev.sglp.training.NoHealing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What all studies can be told.
public final class StudyOptions {
    @Under(Heading.CHOICE)
    @Option(names = "--remove", paramLabel = "LIST", required = true, description = "how many layers go, for instance 9,12: every row once for each")
    private String remove;

    @Under(Heading.CHOICE)
    @Option(names = "--criterion", paramLabel = "NAME", completionCandidates = Known.Criteria.class, description = "how sets of layers are scored where a row does not say otherwise: gradnorm, gradnorm-skip, kl, loss, block-influence, magnitude, random (default: ${DEFAULT-VALUE})")
    private String criterion = "gradnorm";

    @Under(Heading.CHOICE)
    @Option(names = "--quota", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}: every segment gives its share of the layers that go, or as many as raise the score least, where a row does not say otherwise (default: ${DEFAULT-VALUE})")
    private Quota quota = Quota.PROPORTIONAL;

    @Under(Heading.CHOICE)
    @Option(names = "--candidates", paramLabel = "N", description = "score at most N sets, and each layer alone: every set while they are so few, else those of a beam search (default: ${DEFAULT-VALUE})")
    private int candidates = 128;

    @Under(Heading.CHOICE)
    @Option(names = "--verify", paramLabel = "M", description = "compare the best M plans on the verification data; 0: off (default: ${DEFAULT-VALUE})")
    private int verify = 8;

    @Under(Heading.CHOICE)
    @Option(names = "--decide", paramLabel = "NAME", completionCandidates = Known.Decisions.class, description = "what of the best plans is compared: loss or kl on the verification data; of language models also task:NAME=FILE, how likely the right choices of its questions are (default: ${DEFAULT-VALUE})")
    private String decide = Deciding.LOSS;

    @Under(Heading.CHOICE)
    @Option(names = "--dtype", paramLabel = "T", description = "what sets of layers are scored in, ${COMPLETION-CANDIDATES} (default: float32; auto of the rows auto and best on text)")
    private PrecisionChoice.@Nullable Wish dtype;

    @Under(Heading.CHOICE)
    @Option(names = "--weight-seed", paramLabel = "S", description = "of the weights that gradnorm draws, the same in every row and repeat, so that these differ by their data alone (default: each row's own seed)")
    private @Nullable Long weightSeed;

    @Under(Heading.HEALING)
    @Option(names = "--heal", paramLabel = "LIST", completionCandidates = Known.StudyHealings.class, description = "what every network goes through, each from the removal: none, bn (default: none,bn); language models: none")
    private @Nullable String heal;

    @Under(Heading.REPAIR)
    @Option(names = "--repair", paramLabel = "LIST", completionCandidates = Known.StudyRepairs.class, description = "besides, what every network is repaired by, each from the removal: none, scale, refit, scale-refit, blockwise, replaceme, refit-gaps (the layer before each gap alone) (default: ${DEFAULT-VALUE})")
    private String repair = "none";

    @Under(Heading.REPAIR)
    @Option(names = "--repair-samples", paramLabel = "N", description = "what repairs, and those that a choice looks at, are fitted on: as in prune, windows of text (default: 50) or images (default: 1000)")
    private @Nullable Integer repairSamples;

    @Under(Heading.REPAIR)
    @Option(names = "--repair-ridge", paramLabel = "LIST", description = "besides the family's own ridge λ, each refit of --repair by these, for instance 0.1,10")
    private String ridges = "";

    @Under(Heading.TRAINING)
    @Option(names = "--epochs", paramLabel = "LIST", description = "train some rows, for instance 1,3: each a training of its own, measured at its end; see --train-rows")
    private String epochs = "";

    @Under(Heading.TRAINING)
    @Option(names = "--train-rows", paramLabel = "LIST", description = "which rows --epochs trains (default: sglp,block-influence,random; of methods: gradnorm,one-shot-block-influence,random)")
    private @Nullable String trainRows;

    @Under(Heading.TRAINING)
    @Option(names = "--train-seeds", paramLabel = "N", description = "of a row with several seeds train the first N (default: ${DEFAULT-VALUE})")
    private int trainSeeds = 1;

    @Under(Heading.TRAINING)
    @Option(names = "--learning-rate", paramLabel = "F", description = "of --epochs: SGD, falling along a cosine (default: ${DEFAULT-VALUE})")
    private double learningRate = 0.01;

    @Mixin(name = "latency")
    private LatencyOptions latency;

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "DIR", description = "where the files go; started again, the study goes on there (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("study");

    @SuppressWarnings("NullAway") // picocli fills the fields
    public StudyOptions() {}

    @Nullable
    Long weightSeed() {
        return weightSeed;
    }

    List<Integer> removes(ModelFile file) {
        var all = numbers("--remove", remove);
        if (all.isEmpty()) {
            throw new UsageException("--remove names at least one number of layers, for instance 9,12");
        }
        int open = Math.toIntExact(file.architecture().layers().stream().filter(l -> l.removable()).count());
        all.forEach(r -> new Target.Count(r).resolve(file.architecture().layers().size(), open));
        return all;
    }

    Criterion criterion() {
        return Criteria.named(criterion);
    }

    SglpMethod sglp() {
        return new SglpMethod(quota);
    }

    /// @throws UsageException where plans are to be compared by what they cannot be
    /// @throws IOException    where questions cannot be read
    Limits limits(ModelFile file) throws IOException {
        return new Limits(candidates, verify, 0, Deciding.by(decide, file));
    }

    /// What the best plans are compared by, as it was typed.
    String decide() {
        return decide;
    }

    Optional<PrecisionChoice.Wish> dtype() {
        return Optional.ofNullable(dtype);
    }

    /// The repairs besides none.
    ///
    /// @throws UsageException where one is unknown
    List<Repair> repairs() {
        var named = words(repair).stream()
                .map(name -> name.equals(Known.GAPS) ? new Refit(Refit.OWN, true) : Repairs.named(name))
                .filter(found -> !(found instanceof NoRepair)).toList();
        var others = words(ridges).stream().map(StudyOptions::ridge).toList();
        if (!others.isEmpty() && named.stream().allMatch(found -> found.leastSquares().isEmpty())) {
            throw new UsageException(
                    "--repair-ridge belongs to --repair refit, scale-refit, blockwise and refit-gaps, and there is none of them");
        }
        return named.stream().flatMap(each -> Stream.concat(Stream.of(each), each.leastSquares()
                .stream().flatMap(refit -> others.stream().map(x -> each.with(x, refit.gaps()))))).toList();
    }

    private static double ridge(String typed) {
        try {
            double x = Double.parseDouble(typed);
            if (x > 0 && Double.isFinite(x)) {
                return x;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException("--repair-ridge names numbers above 0, got '%s'".formatted(typed));
    }

    /// What is asked for to fit them on.
    ///
    /// @param mends whether any row or repair looks at that
    /// @throws UsageException where a number is given that plays no part
    RepairFrom repairFrom(boolean mends) {
        if (repairSamples == null) {
            return RepairFrom.of(mends);
        }
        if (!mends) {
            throw new UsageException("--repair-samples belongs to --repair, which names none here");
        }
        if (repairSamples < 1) {
            throw new UsageException("--repair-samples is at least 1, got " + repairSamples);
        }
        return new RepairFrom(repairSamples, List.of());
    }

    /// The healings that need no training.
    ///
    /// @throws UsageException where one is unknown, or none is named, or the network cannot be healed that way
    List<Healing> heal(Modality network) {
        if (heal != null && words(heal).stream().anyMatch(List.of(FineTuning.FULL, FineTuning.DISTIL)::contains)) {
            throw new UsageException(
                    "--heal %s: a study takes none and bn, and --epochs trains".formatted(heal));
        }
        var all = words(heal == null ? network.healedInStudies() ? "none,bn" : "none" : heal).stream()
                .map(Healings::named)
                .toList();
        if (all.isEmpty()) {
            throw new UsageException("--heal names at least one of none, bn");
        }
        if (!network.healedInStudies() && !(all.stream().allMatch(h -> h instanceof NoHealing) && epochs().isEmpty())) {
            throw new UsageException(
                    "--heal and --epochs are for image networks so far; networks that read text are studied with --heal none");
        }
        return all;
    }

    List<Integer> epochs() {
        return numbers("--epochs", epochs);
    }

    /// @throws UsageException where a row of this name does not exist; lists the known ones
    ///
    /// @param otherwise the rows where nobody says
    Set<String> trainRows(List<String> known, String otherwise) {
        if (trainRows == null) {
            return usual(known, otherwise);
        }
        var wanted = Set.copyOf(words(trainRows));
        wanted.stream().filter(w -> !known.contains(w)).findFirst().ifPresent(w -> {
            throw new UsageException("--train-rows '%s' is no row of this study. Known: %s".formatted(w,
                    known.stream().distinct().collect(Collectors.joining(", "))));
        });
        return wanted;
    }

    private static Set<String> usual(List<String> known, String otherwise) {
        var rows = words(otherwise).stream().filter(known::contains).collect(Collectors.toSet());
        if (rows.isEmpty()) {
            throw new UsageException("--epochs: name the rows to train with --train-rows. Known: "
                    + known.stream().distinct().collect(Collectors.joining(", ")));
        }
        return rows;
    }

    int trainSeeds() {
        if (trainSeeds < 1) {
            throw new UsageException("--train-seeds is at least 1, got " + trainSeeds);
        }
        return trainSeeds;
    }

    double learningRate() {
        return learningRate;
    }

    Budget latency(Given given) {
        return latency.budget(Budget.USUAL, given);
    }

    Path out() {
        return out;
    }

    /// Whole numbers from 1 between commas, ascending.
    static List<Integer> numbers(String flag, String text) {
        return words(text).stream().map(word -> {
            if (!word.matches("[1-9]\\d{0,8}")) {
                throw new UsageException(
                        "%s takes whole numbers from 1 between commas, got '%s'".formatted(flag, text));
            }
            return Integer.parseInt(word);
        }).distinct().sorted().toList();
    }

    /// What stands between commas.
    static List<String> words(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).distinct().toList();
    }
}
