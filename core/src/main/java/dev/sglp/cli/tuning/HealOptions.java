package dev.sglp.cli.tuning;

import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.data.HealingData;
import dev.sglp.cli.data.Modality;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.teacher.AnswersOption;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.family.Streaming;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.UsedPreset;
import dev.sglp.tensor.DType;
import dev.sglp.training.FineTuning;
import dev.sglp.training.Healing;
import dev.sglp.training.Healings;
import dev.sglp.training.Journal;
import dev.sglp.training.NoHealing;
import dev.sglp.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What is done after a removal.
@Under(Heading.HEALING)
public final class HealOptions {
    @Option(names = "--heal", paramLabel = "HOW", completionCandidates = Known.Healings.class, description = "after the removal: none, bn (batch-norm re-estimation, no labels), auto (bn where it lowers the loss on other data), full (training), distil (training with the dense network as teacher); of text partial, lora, blockwise: short for distil with that --train (default: that of --preset)")
    private @Nullable String heal;

    private String usual = "none";

    @Option(names = "--finetune", paramLabel = "N", description = "short for --heal full --epochs N")
    private @Nullable Integer finetune;

    @Option(names = "--resume", description = "--heal full, distil: go on where a run into the same DIR was stopped")
    private boolean resume;

    @Mixin
    private HealingData data;

    @Mixin(name = "training")
    private TrainingOptions training;

    @Mixin(name = "text")
    private TextTraining text;

    @Option(names = "--train-dtype", paramLabel = "T", description = "text: float32 or bfloat16: what a training computes in; weights and sums stay float32 (default: float32)")
    private String type = "float32";

    @SuppressWarnings("NullAway") // picocli fills the fields
    public HealOptions() {}

    /// @param name what is done where nobody says
    public void standard(String name) {
        usual = name;
    }

    private String typed() {
        return heal == null ? usual : heal.toLowerCase(Locale.ROOT);
    }

    /// What is trained, where it is named in the place of a way to heal.
    private Optional<TextTraining.Extent> extent() {
        return Known.TAUGHT.contains(typed())
                ? Optional.of(TextTraining.Extent.valueOf(typed().toUpperCase(Locale.ROOT)))
                : Optional.empty();
    }

    /// @throws UsageException where two flags contradict each other
    public String name() {
        if (finetune == null) {
            return extent().isPresent() ? FineTuning.DISTIL : typed();
        }
        if (heal != null && !heal.equalsIgnoreCase(FineTuning.FULL)) {
            throw new UsageException(
                    "--finetune %d means --heal full --epochs %d, but --heal %s was given. Leave one of them out"
                            .formatted(finetune, finetune, heal));
        }
        return FineTuning.FULL;
    }

    /// What is done, beside what is where nobody says.
    public UsedPreset.Instead instead() {
        return new UsedPreset.Instead("--heal", usual, name());
    }

    /// @param given what the user typed
    /// @throws UsageException where this network cannot be healed that way, or a flag plays no part
    public void check(ModelFile file, Given given) {
        boolean reads = file.architecture().input() instanceof Architecture.Input.Text;
        extent().ifPresent(what -> take(what, file, reads));
        if (!trains()) {
            if (!(Healings.named(name()) instanceof NoHealing) && file.architecture().layout().stream()) {
                throw new UsageException(
                        "--heal %s re-estimates batch norm, and [%s], a %s, has none. --heal distil trains it"
                                .formatted(name(), file.checkpoint().path(), file.architecture().description()));
            }
            var why = "belongs to a training: --heal full, --heal distil or --finetune N";
            TrainingOptions.refuse(why, given);
            TextTraining.refuse(why, given);
            HealingData.refuse(why, given);
            given.refuse(why, "--train-dtype");
            given.ignore("goes with --heal full and --heal distil; a choice that was stopped goes on by itself",
                    "--resume");
            return;
        }
        DataOptions.checkTask(file, "--heal " + typed());
        if (Streaming.of(file).isPresent()) {
            throw new UsageException(
                    "--heal %s trains, and a training holds every weight, its gradient and what the optimizer remembers: more than --memory, or what is free, has room for. Leave it out, and train what is written with sglp finetune where there is more"
                            .formatted(name()));
        }
        if (!isTaught()) {
            TrainingOptions.refuseTeaching("belongs to --heal distil", given);
            text.checkUntaught("--heal distil");
        }
        text.check(reads, given);
        if (!reads) {
            HealingData.refuse("is for language models", given);
            given.refuse("is for language models", "--train-dtype");
        }
        text.check(file);
        data.from();
        dtype();
        training.check(given, usual(file));
    }

    private void take(TextTraining.Extent what, ModelFile file, boolean reads) {
        if (!reads) {
            throw new UsageException(
                    "--heal %s is for language models, and [%s] is a %s. --heal full and --heal distil train all of it"
                            .formatted(typed(), file.checkpoint().path(), file.architecture().description()));
        }
        text.take(what);
    }

    private DType dtype() {
        return TextTraining.type("--train-dtype", type);
    }

    private TrainingOptions.Usual usual(ModelFile file) {
        return TrainingOptions.usual(file.architecture().input(), text);
    }

    /// @param bytes that a step of a language model's training may take; empty where nobody says
    public void within(OptionalLong bytes) {
        text.within(bytes);
    }

    /// Whether the network is trained.
    public boolean trains() {
        return name().equals(FineTuning.FULL) || isTaught();
    }

    /// The healing that needs no training; none where there is some.
    public Healing untrained() {
        return trains() ? new NoHealing() : Healings.named(name());
    }

    /// Checks every flag of the training.
    public TrainingSettings settings(ModelFile file, int batchSize, long seed) {
        if (finetune != null && finetune < 1) {
            throw new UsageException("--finetune is at least 1 epoch, got " + finetune);
        }
        return training.settings(finetune, batchSize, seed, usual(file)).ofTokens(text.batchTokens());
    }

    /// Whether the network is trained with the dense one as its teacher.
    public boolean isTaught() {
        return name().equals(FineTuning.DISTIL);
    }

    /// Every setting of the training, as people read it.
    public Map<String, String> words(Plan plan) {
        var usual = usual(plan.file);
        var words = new LinkedHashMap<>(training.words(plan.settings, isTaught() ? "the dense network" : null, usual));
        if (usual.text()) {
            words.put("Trained", text.words(dtype()));
        }
        return words;
    }

    /// What is trained on.
    ///
    /// @param repair what the repair was fitted on
    public Modality.Wanted wanted(DataRoles roles, Modality.RepairFrom repair) {
        return new Modality.Wanted(roles, training.trainSamples(), text.tokens(), data.from()).with(text.packs())
                .after(repair);
    }

    /// What is trained on.
    ///
    /// @param supplied asked for when it is needed
    /// @param words    all that tells it from others; empty where that is known of the roles
    public record Items(Supplier<? extends Dataset> supplied, String words, Progress progress) {}

    /// A training.
    public record Plan(ModelFile file, TrainingSettings settings, Items items) {}

    /// What is open for a teacher; close it when the training is over.
    public AnswersOption answers() {
        return training.answers();
    }

    /// @param dense the teacher: the network before the removal, on weights of its own; empty where there is none
    /// @throws IOException where kept answers are to another question
    public FineTuning training(Plan plan, Optional<LayeredModel> dense) throws IOException {
        return new FineTuning(name(), lesson(plan, dense), plan.items.supplied, Journal.none());
    }

    private FineTuning.Lesson lesson(Plan plan, Optional<LayeredModel> dense) throws IOException {
        if (!usual(plan.file).text()) {
            return new FineTuning.Images(plan.settings, dense.map(training::teacher));
        }
        var answers = training.answers();
        var teaching = dense.map(training::textTeacher);
        if (teaching.isPresent()) {
            answers.check(plan.file.identity(), teaching.get(), plan.items.supplied.get(), dtype());
        }
        return text.lesson(plan.settings, teaching, dtype(), answers.of(plan.file.identity(), plan.items.progress),
                (_, smaller) -> missing(plan.file.architecture(), smaller));
    }

    /// In one process layers keep their names.
    private static LayerSet missing(Architecture dense, LayeredModel smaller) {
        var kept = smaller.layers().stream().map(Layer::name).collect(Collectors.toSet());
        return new LayerSet(IntStream.range(0, dense.layers().size())
                .filter(i -> !kept.contains(dense.layers().get(i).name())).boxed().toList());
    }

    /// Looks before the choice whether the layers that are to be trained are there.
    ///
    /// @param removed how many layers go
    public void check(LayeredModel network, int removed) {
        text.checkLayers(network.layers().size() - removed);
    }

    /// Where the work is kept until it is done: a choice that was made once is taken for another training too.
    ///
    /// @param plan    what is trained on what
    /// @param depends everything the choice depends on, in words
    /// @throws IOException where work of another run lies there and is not to be resumed
    public HealingFolder folder(Path out, Weights weights, Plan plan, String depends) throws IOException {
        var usual = usual(plan.file);
        var lesson = (isTaught() ? ", " + training.teaching(usual) : "") + (usual.text() ? text.settings(dtype()) : "")
                + TrainingFolder.here();
        return new HealingFolder(out, weights, "heal=%s, %s".formatted(name(), depends),
                "%s, trainSamples=%d%s%s".formatted(plan.settings, training.trainSamples(), lesson, plan.items.words()),
                training.saveEvery());
    }

    /// @throws IOException where unfinished work lies there that is not to be resumed
    /// @return whether there is some to go on with
    public boolean check(Path out) throws IOException {
        return trains() && HealingFolder.check(out, resume);
    }

    /// Tells where there is nothing to go on with.
    public void explain(Path out, boolean goingOn, Progress progress) {
        if (resume && trains() && !goingOn) {
            progress.say("[%s] holds no training to resume: it begins at the beginning".formatted(out));
        }
    }
}
