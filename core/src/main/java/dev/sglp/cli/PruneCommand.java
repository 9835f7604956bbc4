package dev.sglp.cli;

import dev.sglp.Recipe;
import dev.sglp.cli.choice.ChoiceOptions;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.generation.SampleOptions;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.repair.RepairOptions;
import dev.sglp.cli.text.ShardOptions;
import dev.sglp.cli.tuning.HealOptions;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.tuning.LatencyOptions;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.tuning.ScoringFolder;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.repair.Repair;
import dev.sglp.surgery.Surgeon;
import dev.sglp.training.FineTuning;
import dev.sglp.training.TrainingDiverged;
import dev.sglp.training.TrainingSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// The main job.
@Command(name = "prune", modelTransformer = HelpLayout.class, description = "Finds the layers a network does not need, removes them, repairs the rest, heals it if asked, measures before and after, writes the smaller network and proves it.", footer = {
        "",
        "Examples:",
        "  sglp prune smollm2/ --data text:valid.txt --test text:test.txt \\",
        "      --window 512 --remove 8 --out small/              # the best, repaired",
        "  sglp prune Llama-3.1-8B/ --data text:valid.txt --remove 8 --preset fast \\",
        "      --memory 6g --out small/                          # larger than memory",
        "  sglp prune smollm2/ --data text:valid.txt --remove 8 \\",
        "      --preset fast --out small/                        # two plans of one pass",
        "  sglp prune resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --out run/",
        "  sglp prune resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --preset paper --finetune 20 --out run/",
        "  sglp prune llama/ --data text:valid.txt --remove 4 --criterion loss \\",
        "      --max-shard-size 2GB --out pruned/",
        "  sglp prune resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      --ratio 0.3 --method sglp --repair none --heal bn --out run/",
        "  sglp prune resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --heal distil --epochs 20 --out run/",
        "",
        "DIR gets model.safetensors (or model.pth), config.json, plan.json,",
        "report.html, prune.json and proof.st. Stopped in its choice, it leaves scores",
        "in DIR/scoring, with which the same command goes on by itself; stopped in a",
        "training, DIR/healing, from which --resume goes on. Another plan.json or",
        "README.md that is there stays as plan.json~ or README.md~."})
@Says(of = "--samples", value = DataOptions.PRESET_SAMPLES)
@Says(of = "--batch-size", value = "images a forward pass, and a step of a training (default: 128, fewer where that many would keep more than 4 GiB for a way back); of text: calibration windows (default: 32), and windows a step of a training (default: 8)")
final class PruneCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "choice")
    private ChoiceOptions choice;

    @Mixin(name = "repair")
    private RepairOptions repair;

    @Mixin(name = "heal")
    private HealOptions heal;

    @Mixin(name = "latency")
    private LatencyOptions latency;

    @Mixin(name = "output")
    private OutputOptions output;

    @Mixin(name = "samples")
    private SampleOptions samples;

    @Mixin(name = "memory")
    private MemoryOption memory;

    @Mixin(name = "shards")
    private ShardOptions shards;

    @SuppressWarnings("NullAway") // picocli fills the fields
    PruneCommand() {}

    @Override
    public Integer call() throws IOException {
        if (!choice.hasTarget()) {
            throw new UsageException("prune needs to know how many layers go: --remove R or --ratio F");
        }
        try (var opened = model.open(common)) {
            data.standard(choice.preset().windows());
            var fitting = memory.of(data.typed(choice.initialised(opened)), data.passes(opened));
            check(fitting);
            data.check(fitting, common.given());
            choice.check(data.verifies());
            var repair = this.repair.repair(fitting.architecture(), common.given(), choice.preset().repair());
            var untimed = choice.recipe(fitting, common.given(),
                    new Recipe.Compute(data.batchSize(fitting), common.seed(), Budget.NONE), repair, heal.untrained());
            var file = heal.trains() ? fitting : this.repair.keeping(fitting, untimed); // what is trained is in memory
            var recipe = untimed.timed(latency.budget(file, Budget.USUAL, common.given()));
            if (recipe.removesNothing()) {
                common.given().ignore("belongs to scores, and nothing is to be removed", "--no-diagnosis");
                common.given().refuse("belongs to scores, and nothing is to be removed", "--diagnosis");
            }
            var settings = heal.settings(file, data.trainingBatch(file), common.seed());
            var place = output.place().sharded(shards.bytes(file.architecture()));
            Surgeon.checkOutput(file, place.directory(), place.format());
            boolean goingOn = heal.check(place.directory());
            var progress = common.start((goingOn ? "Going on pruning " : "Pruning ") + ModelArgument.headline(file));
            heal.explain(place.directory(), goingOn, progress);
            var around = around(file, repair);
            progress.say(choice.taken(file.architecture()).told(around));
            MemoryOption.explain(file, recipe, progress);
            var roles = data.roles(file, this.repair.items(file.architecture(), repair), common, progress);
            roles.notes().forEach(progress::say);
            choice.explain(file, progress);
            var run = new PruneRun(file, roles, recipe, place, common, samples.of(file, progress))
                    .by(choice.taken(file.architecture()).used(around));
            if (heal.trains()) {
                train(run, settings, progress);
            } else {
                run(run, new ScoringFolder(place.directory(), choice.scored(file)), progress);
            }
        }
        return 0;
    }

    /// Flags of the preset besides those of the choice.
    private List<Instead> around(ModelFile file, Repair repair) {
        var all = new ArrayList<>(data.instead(file, choice.preset().windows()));
        all.addAll(this.repair.instead(choice.preset().repair(), repair));
        if (!file.architecture().layout().stream() || !heal.name().equals("none")) {
            all.add(heal.instead());
        }
        return all;
    }

    /// Transformers have no batch norm, and where nothing goes nothing heals.
    private void check(ModelFile file) {
        samples.check(file, common.given());
        heal.within(memory.typed());
        heal.standard(file.architecture().layout().stream() || choice.removesNothing()
                ? "none"
                : choice.preset().heal());
        heal.check(file, common.given());
    }

    /// Keeps what it finds on the way, until all is written.
    static void run(PruneRun run, ScoringFolder folder, Progress progress) throws IOException {
        folder.explain(progress);
        try (var weights = run.weights(); var _ = Interruption.ofProcess().leaving(folder::lastWords)) {
            run.print(run.run(weights, folder, progress));
        }
        folder.clear();
    }

    private void train(PruneRun run, TrainingSettings settings, Progress progress) throws IOException {
        var file = run.file();
        if (file.architecture().input() instanceof Architecture.Input.Text) { // read at once: what is wrong is told before the choice
            var found = items(run, progress);
            var items = found.items();
            var words = ", on %s %s".formatted(items.name(), items.digest());
            train(run.noting(found.notes()), new HealOptions.Plan(file, settings,
                    new HealOptions.Items(() -> items, words, progress)), progress);
            return;
        }
        train(run, new HealOptions.Plan(file, settings,
                new HealOptions.Items(() -> items(run, progress).items(), "", progress)), progress);
    }

    private void train(PruneRun run, HealOptions.Plan plan, Progress progress) throws IOException {
        if (!heal.isTaught()) {
            train(run, plan, heal.training(plan, Optional.empty()), progress);
            return;
        }
        try (var dense = plan.file().forReading(); var _ = heal.answers()) {
            train(run, plan, heal.training(plan, Optional.of(plan.file().architecture().build(dense))), progress);
        }
    }

    private void train(PruneRun run, HealOptions.Plan plan, FineTuning healing, Progress progress) throws IOException {
        try (var weights = run.file().forTraining();
                var folder = heal.folder(run.place().directory(), weights, plan, run.depends());
                var _ = Interruption.ofProcess().leaving(folder::lastWords)) {
            var network = run.file().architecture().build(weights);
            heal.check(network, run.recipe().remove(network.layers().size(), network.removable()));
            try {
                run.print(run.with(healing.with(folder.journal()), heal.words(plan)).run(weights, folder, progress));
            } catch (TrainingDiverged e) {
                folder.clear(); // it would only diverge again
                throw e;
            }
            folder.clear();
        }
    }

    private Noted<? extends Dataset> items(PruneRun run, Progress progress) {
        try {
            var found = data.training(run.file(), heal.wanted(run.roles(),
                    repair.items(run.file().architecture(), run.recipe().repair())), common, progress);
            found.notes().forEach(progress::say);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
