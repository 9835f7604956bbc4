package dev.sglp.cli.choice;

import dev.sglp.Recipe;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.Given;
import dev.sglp.cli.typed.LayerCount;
import dev.sglp.cli.typed.Reading;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.letter.Letter;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.method.Auto;
import dev.sglp.method.Method;
import dev.sglp.method.Methods;
import dev.sglp.method.OnePass;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.SglpMethod;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Quota;
import dev.sglp.pruning.Target;
import dev.sglp.repair.Repair;
import dev.sglp.segmentation.Fisher;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.Representation;
import dev.sglp.training.Healing;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How layers are compared, cut into segments, scored and chosen.
@Under(Heading.CHOICE)
public final class ChoiceOptions {
    @Option(names = "--remove", paramLabel = "R", converter = LayerCount.class, description = "how many layers to remove")
    private @Nullable Integer remove;

    @Option(names = "--ratio", paramLabel = "F", description = "instead of --remove: which fraction of the layers")
    private @Nullable Double ratio;

    @Option(names = "--protect", paramLabel = "LIST", description = "layers that must stay, for instance 0,1,last or 0-3; -1 is the last, -2 the one before")
    private @Nullable String protect;

    @Option(names = "--preset", paramLabel = "NAME", completionCandidates = Known.Presets.class, description = "settings that go together, of which others typed besides take precedence: best (several methods with the repair in view, the best of their plans polished: some hundred passes over the calibration data), fast (block influence and the contiguous run of one pass, the better of the two repaired), paper (SGLP as the authors' code for the same pipeline does it: some hundred passes, backward too) (default: ${DEFAULT-VALUE})")
    private String preset = "best";

    @Option(names = "--method", paramLabel = "NAME", completionCandidates = Known.Methods.class, description = "how the choice is made: sglp, one-shot (each layer alone, lowest go), sleb (one by one by loss), tail (the last ones), contiguous (the run of layers through which the stream turns least), clusters (LoRP), prune-comp (one by one by block influence, what is left scaled), one-pass (the plans of one-shot by block-influence and of contiguous: the lower loss on other data wins, with --repair refit as repaired before their gaps), auto (sglp by kl and by the criterion, sleb, block influence, contiguous, clusters, prune-comp: the lowest loss on other data wins, and is polished) (default: that of the preset; of best sglp with --criterion, --quota global or --verify 0; of fast one-shot with --criterion or --verify 0)")
    private @Nullable String method;

    @Option(names = "--criterion", paramLabel = "NAME", completionCandidates = Known.Criteria.class, description = "how sets of layers are scored: kl (how far the answers move; no labels), loss, gradnorm (the paper's), gradnorm-skip, block-influence, magnitude, random; with --repair refit kl and loss of the network as it would be repaired (default: that of the preset; gradnorm with a flag of its own)")
    private @Nullable String criterion;

    @Option(names = "--quota", paramLabel = "NAME", description = "sglp: ${COMPLETION-CANDIDATES}: every segment gives its share of the layers that go, or as many as raise the score least (default: ${DEFAULT-VALUE})")
    private Quota quota = Quota.PROPORTIONAL;

    @Option(names = "--candidates", paramLabel = "N", description = "score at most N sets, and each layer alone: every set while they are so few, else those of a beam search; with --reading letter N of each segment, drawn where there are more (default: ${DEFAULT-VALUE})")
    private int candidates = Taken.Search.CANDIDATES;

    @Option(names = "--verify", paramLabel = "M", description = "compare the best M plans (of auto: at most 3 of SGLP and one of each other method; of one-pass always both) on the verification data (--verify-samples); 0: off (default: that of the preset)")
    private @Nullable Integer verify;

    @Option(names = "--polish", paramLabel = "N", description = "auto: try at most N plans that differ from the best one by one layer, promising ones first; 0: off (default: that of the preset)")
    private @Nullable Integer polish;

    @Option(names = "--also", paramLabel = "LIST", description = "auto: layers that might go, of your own choice, for instance 12-15: they meet the plans of the methods; several, each with an --also of its own")
    private List<String> also = List.of();

    @Option(names = "--decide", paramLabel = "NAME", completionCandidates = Known.Decisions.class, description = "what of the best plans is compared: loss or kl on the verification data; of language models also task:NAME=FILE, how likely the right choices of its questions are (default: ${DEFAULT-VALUE})")
    private String decide = Deciding.LOSS;

    @Option(names = "--second-look", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}: whether the choice is made again on two halves of the calibration data, to tell how steady it is, and of layers drawn anew what goes and its nearest rivals are drawn twice more; auto leaves out the halves where they take more than 20 seconds (default: ${DEFAULT-VALUE})")
    private Recipe.Look secondLook = Recipe.Look.AUTO;

    @Option(names = "--dtype", paramLabel = "T", description = "what sets of layers are scored in, ${COMPLETION-CANDIDATES}: auto takes bfloat16 where the memory holds it besides, this machine is faster at it and a few layers keep their order (default: float32; auto of --method auto on text)")
    private PrecisionChoice.@Nullable Wish dtype;

    @Mixin
    private DiagnosisOptions diagnosis = new DiagnosisOptions();

    @Under(Heading.GRADNORM)
    @Option(names = "--reading", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}: the absent set with the smallest norm goes, or the one with the largest; or the paper's sentence word for word: of a network that is random but for some layers of a segment, those with the largest norm stay (mean of the first 2 batches of 64 images or 4 windows of the calibration data), or the same on one random network whose layers stay pretrained once they were (each on the next 2 batches, shuffled anew where all were seen) (default: that of the preset)")
    private @Nullable Reading reading;

    @Under(Heading.GRADNORM)
    @Option(names = "--norm", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES} of the tensors' norms (default: ${DEFAULT-VALUE})")
    private GradNorm.Norm norm = GradNorm.Norm.SUM;

    @Under(Heading.GRADNORM)
    @Option(names = "--scope", paramLabel = "NAME", description = "tensors of ${COMPLETION-CANDIDATES} (the network or the segment) (default: ${DEFAULT-VALUE})")
    private GradNorm.Range scope = GradNorm.Range.ALL;

    @Under(Heading.GRADNORM)
    @Option(names = "--draws", paramLabel = "N", description = "random initialisations, averaged (default: ${DEFAULT-VALUE})")
    private int draws = 1;

    @Under(Heading.GRADNORM)
    @Option(names = "--weight-seed", paramLabel = "S", description = "of the weights of re-initialised layers alone; the sample of data is drawn by --seed (default: that of --seed)")
    private @Nullable Long weightSeed;

    @Under(Heading.GRADNORM)
    @Option(names = "--init-std", paramLabel = "X", description = "of language models: standard deviation of the weights of re-initialised layers (default: initializer_range of config.json, else 0.02)")
    private @Nullable Double initStd;

    @Under(Heading.SIMILARITY)
    @Option(names = {"-k",
            "--segments"}, paramLabel = "K", completionCandidates = Known.Segments.class, description = "number of segments, or auto: where the curve of Fisher's loss bends (default: 3)")
    private @Nullable String segments;

    @Under(Heading.SIMILARITY)
    @Option(names = "--fisher", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}: what of the similarity matrix describes a layer (default: that of the preset)")
    private Fisher.@Nullable Features fisher;

    @Under(Heading.SIMILARITY)
    @Option(names = "--cka", paramLabel = "NAME", description = "estimator: ${COMPLETION-CANDIDATES} (default: biased; averaged with --preset paper on images)")
    private Cka.@Nullable Estimator estimator;

    @Under(Heading.SIMILARITY)
    @Option(names = "--kernel", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Cka.Kernel kernel = Cka.Kernel.LINEAR;

    @Under(Heading.SIMILARITY)
    @Option(names = "--cka-bandwidth", paramLabel = "F", description = "rbf: fraction of the median distance (default: ${DEFAULT-VALUE})")
    private double bandwidth = 0.5;

    @Under(Heading.SIMILARITY)
    @Option(names = "--representation", paramLabel = "NAME", description = "of images flat (whole outputs) or pooled (their average over space), of text rms (token vectors divided by their root mean square), raw, or mean (over each window, of which there must be enough: --samples) (default: flat, rms)")
    private @Nullable Representation representation;

    /// The settings that were not typed.
    public Preset preset() {
        return Preset.named(preset);
    }

    /// What its flags are now.
    public Taken taken(Architecture network) {
        var usual = preset().of(network);
        int layers = network.layers().size();
        int cut = segments(layers);
        return new Taken(usual, methodName(), criterionName(),
                new Taken.Search(String.valueOf(Math.min(Recipe.Segments.USUAL, layers)),
                        cut == Recipe.Segments.AUTO ? "auto" : String.valueOf(cut), quota, candidates, decide),
                verify(), polish(), estimator(network), fisher(), reading(), diagnosis.measures(usual));
    }

    /// Who names a criterion or a quota, or verifies nothing, wants to see what SGLP chooses by itself, or one score.
    private String methodName() {
        if (method != null) {
            return method;
        }
        var usual = preset().method();
        boolean single = asked() != null || quota != Quota.PROPORTIONAL || verify != null && verify == 0;
        return single ? Methods.named(usual).unverified().name() : usual;
    }

    /// The criterion that was typed, or is meant by a flag that belongs to one alone.
    private @Nullable String asked() {
        boolean drawn = reading != null || draws != 1 || norm != GradNorm.Norm.SUM || scope != GradNorm.Range.ALL
                || weightSeed != null || initStd != null;
        return criterion == null && drawn ? GradNorm.standard().name() : criterion;
    }

    private String criterionName() {
        var asked = asked();
        return asked == null ? preset().criterion() : asked;
    }

    private int verify() {
        int usual = switch (Methods.named(methodName())) {
            case Auto _ -> Preset.best().verify();
            case OnePass _ -> OnePass.PLANS;
            default -> Methods.named(preset().method()).comparesFew() ? 0 : preset().verify();
        };
        return verify == null ? usual : verify;
    }

    private int polish() {
        int usual = Methods.named(methodName()) instanceof Auto ? Preset.best().polish() : 0;
        return polish == null ? usual : polish;
    }

    private Fisher.Features fisher() {
        return fisher == null ? preset().fisher() : fisher;
    }

    private Reading reading() {
        return reading != null
                ? reading
                : criterion == null || criterion.equalsIgnoreCase(preset().criterion())
                        ? preset().reading()
                        : Reading.ABSENT;
    }

    private Limits limits(ModelFile file, Given given) throws IOException {
        if (!Methods.named(methodName()).verifies() || verify() == 0) {
            given.refuse("compares plans on the verification data, and none are: --method %s --verify %d".formatted(
                    methodName(), verify()), "--decide");
        }
        if (!(Methods.named(methodName()) instanceof Auto)) {
            given.refuse("belongs to --method auto, not to " + methodName(), "--polish", "--also");
        }
        return new Limits(candidates, verify(), polish(), Deciding.by(decide, file));
    }

    /// Whether no layer goes.
    public boolean removesNothing() {
        return remove != null && remove == 0 || ratio != null && ratio == 0;
    }

    public boolean hasTarget() {
        return remove != null || ratio != null;
    }

    /// The same network, whose layers are re-initialised as the flags say.
    public ModelFile initialised(ModelFile file) {
        if (initStd == null) {
            return file;
        }
        if (!draws()) {
            throw new UsageException(
                    "--init-std belongs to --criterion gradnorm, which draws layers anew, not to %s"
                            .formatted(criterionName()));
        }
        if (!(initStd > 0 && Double.isFinite(initStd))) {
            throw new UsageException("--init-std is a positive number, for instance 0.02, got " + initStd);
        }
        return file.as(file.architecture().initialisedBy(initStd));
    }

    /// Everything about the network that its layers' scores depend on, in words.
    public String scored(ModelFile file) throws IOException {
        return file.identity() + (initStd == null ? "" : "; initialised by " + initStd);
    }

    /// Tells what was taken for granted.
    public void explain(ModelFile file, Progress progress) {
        if (initStd == null && draws() && file.architecture().assumedStd().isPresent()) {
            progress.say(
                    "The model does not say its initializer_range: layers are re-initialised with standard deviation %s (--init-std sets it)."
                            .formatted(file.architecture().assumedStd().getAsDouble()));
        }
    }

    private boolean draws() {
        var named = Criteria.named(criterionName());
        return named.drawsWeights() && Methods.named(methodName()).criterion(named).equals(named);
    }

    /// Checks every flag before weights or data are read.
    public Recipe recipe(ModelFile file, Given given, Recipe.Compute compute, Repair repair, Healing healing)
            throws IOException {
        var network = file.architecture();
        int layers = network.layers().size();
        var kept = protect == null ? LayerSet.EMPTY : new LayerSet(Arguments.indices("--protect", protect, layers));
        if (kernel == Cka.Kernel.LINEAR) {
            given.refuse("belongs to --kernel rbf", "--cka-bandwidth");
        }
        var cka = new Cka(kernel, bandwidth, estimator(network), representation(network), compute.batchSize(),
                Cka.MEMORY).checked(network.layout());
        if (!draws()) {
            given.refuse("belongs to --criterion gradnorm, which draws layers anew, not to " + criterionName(),
                    "--weight-seed");
        }
        var recipe = new Recipe(cka, new Recipe.Segments(segments(layers), fisher()), method(network, given),
                criterion(given),
                target(), kept, limits(file, given), repair, healing,
                compute.with(precision(network, given)).diagnosed(diagnosis.measures(preset())).with(secondLook)
                        .drawing(weightSeed == null ? compute.weightSeed() : weightSeed));
        var removable = new LayerSet(
                IntStream.range(0, layers).filter(i -> network.layers().get(i).removable()).boxed().toList());
        int remove = recipe.remove(layers, removable);
        if (recipe.method() instanceof Auto auto) {
            auto.check(remove, removable.without(kept).indices());
        }
        return recipe;
    }

    /// @param verifies whether there are verification data
    public void check(boolean verifies) {
        var named = Methods.named(methodName());
        if (!verifies && verify() > 0 && (named instanceof Auto || named.comparesFew())) {
            throw new UsageException(
                    "--method %s compares plans on the verification data: --verify-samples is at least 1%s"
                            .formatted(named.name(), named instanceof Auto ? "" : ", or --verify 0"));
        }
    }

    private PrecisionChoice.Wish precision(Architecture network, Given given) {
        return dtype == null ? PrecisionChoice.usual(network.layout(), method(network, given) instanceof Auto) : dtype;
    }

    private Method method(Architecture network, Given given) {
        var named = Methods.named(methodName());
        named.hindrance(network.layout()).ifPresent(why -> {
            throw new UsageException("%s, and this is a %s".formatted(why, network.description()));
        });
        if (named instanceof SglpMethod) {
            return new SglpMethod(quota);
        }
        if (named instanceof Auto && verify() == 0) {
            throw new UsageException(
                    "--method auto compares plans on the verification data: --verify is at least 1");
        }
        if (!(named instanceof Auto)) {
            given.refuse("belongs to --method sglp and auto, not to " + methodName(), "--candidates");
            if (verify() > 0 && !named.verifies()) {
                given.refuse("belongs to --method sglp, one-pass and auto, not to " + methodName(), "--verify");
            }
        }
        if (quota != Quota.PROPORTIONAL) {
            throw new UsageException("--quota belongs to --method sglp, not to %s"
                    .formatted(methodName()));
        }
        return named instanceof Auto
                ? new Auto(also.stream()
                        .map(list -> new LayerSet(Arguments.indices("--also", list, network.layers().size()))).toList())
                : named;
    }

    private Representation representation(Architecture network) {
        return representation == null
                ? Representation.usual(network.layout())
                : representation.checked(network.layout());
    }

    private Cka.Estimator estimator(Architecture network) {
        return estimator == null ? preset().of(network).cka() : estimator;
    }

    private int segments(int layers) {
        if (segments == null) {
            return Math.min(Recipe.Segments.USUAL, layers);
        }
        if (segments.equalsIgnoreCase("auto")) {
            return Recipe.Segments.AUTO;
        }
        if (!segments.matches("[1-9]\\d{0,8}")) {
            throw new UsageException(
                    "--segments is auto, or a number from 1 to the number of layers, got '%s'".formatted(segments));
        }
        return Integer.parseInt(segments);
    }

    private Target target() {
        if (remove != null && ratio != null) {
            throw new UsageException(
                    "--remove and --ratio exclude each other: one of them says how many layers go");
        }
        return remove != null
                ? new Target.Count(remove)
                : ratio != null ? new Target.Ratio(ratio) : new Target.Count(0);
    }

    private Criterion criterion(Given given) {
        var named = Criteria.named(criterionName());
        if (!Methods.named(methodName()).criterion(named).equals(named)) {
            given.refuse("plays no part in --method " + methodName(), "--criterion", "--reading", "--norm", "--scope",
                    "--draws");
        }
        if (named instanceof GradNorm standard) {
            return switch (reading()) {
                case ABSENT -> new GradNorm(standard.absence(), GradNorm.Reading.ABSENT, norm, scope, draws);
                case KEPT -> new GradNorm(standard.absence(), GradNorm.Reading.KEPT, norm, scope, draws);
                case LETTER -> letter(standard, Letter.Form.RESET, given);
                case LETTER_ACCUMULATED -> letter(standard, Letter.Form.ACCUMULATED, given);
            };
        }
        if (reading != null && reading != Reading.ABSENT || norm != GradNorm.Norm.SUM || scope != GradNorm.Range.ALL
                || draws != 1) {
            throw new UsageException(
                    "--reading, --norm, --scope and --draws belong to gradnorm, not to " + criterionName());
        }
        return named;
    }

    private Letter letter(GradNorm standard, Letter.Form form, Given given) {
        if (standard.absence() == GradNorm.Absence.IDENTITY) {
            throw new UsageException(
                    "--reading %s draws layers anew: it belongs to --criterion gradnorm, not to %s".formatted(reading(),
                            criterion));
        }
        given.refuse(
                "plays no part in --reading %s, whose norm is the one of all gradients together".formatted(reading()),
                "--norm", "--scope");
        return new Letter(form, draws, Letter.USUAL);
    }
}
