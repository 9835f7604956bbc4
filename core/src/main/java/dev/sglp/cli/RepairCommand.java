package dev.sglp.cli;

import dev.sglp.Recipe;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.generation.SampleOptions;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.repair.RepairOptions;
import dev.sglp.cli.text.ShardOptions;
import dev.sglp.cli.tuning.LatencyOptions;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.tuning.ScoringFolder;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.control.NamedLayers;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Target;
import dev.sglp.repair.NoRepair;
import dev.sglp.surgery.MissingLayers;
import dev.sglp.surgery.Surgeon;
import dev.sglp.training.NoHealing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Repairs what somebody else pruned.
@Command(name = "repair", modelTransformer = HelpLayout.class, description = "Repairs a network from which layers were removed, with another tool or with apply: finds by their weights which layers of the dense network are missing, and fits the rest to the dense network's stream.", footer = {
        "", "Examples:",
        "  sglp repair small/ --of smollm2/ --data text:valid.txt --test text:test.txt \\",
        "      --window 512 --out better/",
        "  sglp repair small/ --of Llama-3.1-8B/ --data text:valid.txt --memory 6g \\",
        "      --out better/                                     # larger than memory",
        "  sglp repair small/ --of smollm2/ --data text:valid.txt \\",
        "      --repair blockwise --out better/                  # nearer, by gradient",
        "  sglp repair small/model.safetensors --of resnet56-4bfd9763.th \\",
        "      --data images:cifar10-jpeg.zip --out better/", "",
        "Weights come from the dense network: what was trained or repaired in the small",
        "one is lost, and said. DIR gets what prune writes."})
@Says(of = "--write-as", value = "element type of the weights that are written, ${COMPLETION-CANDIDATES} (default: same, the types of the dense network; GGUF's blocks of few bits become f16, with f32 the exact numbers they stand for); a tensor that the type cannot hold stays wider, and that is said")
final class RepairCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Option(names = "--of", paramLabel = "MODEL", required = true, description = "the dense network that it was made from")
    private Path of;

    @Option(names = "--of-weights", paramLabel = "KEY", description = "as --weights, of the dense network's file")
    private @Nullable String ofWeights;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "repair")
    private RepairOptions repair;

    @Mixin(name = "latency")
    private LatencyOptions latency;

    @Mixin(name = "samples")
    private SampleOptions samples;

    @Mixin(name = "output")
    private OutputOptions output;

    @Mixin(name = "memory")
    private MemoryOption memory;

    @Mixin(name = "shards")
    private ShardOptions shards;

    @SuppressWarnings("NullAway") // picocli fills the fields
    RepairCommand() {}

    @Override
    public Integer call() throws IOException {
        try (var opened = ModelFile.open(of, Optional.ofNullable(ofWeights)).on(common.device());
                var small = model.open(common)) {
            var how = repair.repair(opened.architecture(), common.given(), "refit");
            if (how instanceof NoRepair) {
                throw new UsageException("repair has something to do with --repair refit or scale, not with none");
            }
            var fitting = memory.of(looking(opened, data.typed(opened), small), data.passes(opened));
            data.check(fitting, common.given());
            samples.check(fitting, common.given());
            var place = output.place().sharded(shards.bytes(fitting.architecture()));
            Surgeon.checkOutput(fitting, place.directory(), place.format());
            Surgeon.checkOutput(small, place.directory(), place.format());
            var progress = common.start("Repairing " + ModelArgument.headline(small));
            var missing = missing(fitting, small, progress);
            var compute = new Recipe.Compute(data.batchSize(fitting), common.seed(), Budget.NONE).diagnosed(false);
            int layers = fitting.architecture().layers().size();
            var recipe = Recipe.removing(missing.size(), fitting.architecture().layout());
            var untimed = new Recipe(recipe.cka(), new Recipe.Segments(Math.min(recipe.segments().k(), layers),
                    recipe.segments().features()), new NamedLayers(missing), Criterion.of("none", _ -> 0),
                    new Target.Count(missing.size()), LayerSet.EMPTY, new Limits(1, 0), how, new NoHealing(), compute);
            var file = repair.keeping(fitting, untimed);
            var run = untimed.timed(latency.budget(file, Budget.USUAL, common.given()));
            MemoryOption.explain(file, progress);
            var roles = data.roles(file, repair.items(file.architecture(), how), common, progress);
            roles.notes().forEach(progress::say);
            var pruning = new PruneRun(file, roles, run, place, common, samples.of(file, progress));
            PruneCommand.run(pruning, new ScoringFolder(place.directory(), file.identity()), progress);
        }
        return 0;
    }

    /// At pictures of the size that the smaller network looks at, where none was typed.
    private static ModelFile looking(ModelFile opened, ModelFile typed, ModelFile small) {
        if (!(small.architecture().input() instanceof Image own)
                || !(opened.architecture().input() instanceof Image dense)
                || !(typed.architecture().input() instanceof Image asked) || asked.size().equals(own.size())
                || !asked.size().equals(dense.size()) || own.preparation().size().isEmpty()) {
            return typed;
        }
        return typed.as(typed.architecture().preparedAs(own.preparation()));
    }

    private LayerSet missing(ModelFile file, ModelFile small, Progress progress) throws IOException {
        try (var dense = Streaming.toCompare(file); var less = Streaming.toCompare(small)) {
            var found = MissingLayers.of(file.architecture().build(dense), small.architecture().build(less));
            progress.say("Missing of %s, by their weights: layers %s.".formatted(file.checkpoint().path(),
                    found.removed()));
            if (!found.changed().isEmpty()) {
                progress.say(
                        "Other weights than there has the small network in %s: they are taken from the dense one."
                                .formatted(String.join(", ", found.changed())));
            }
            return found.removed();
        } catch (InputException e) {
            throw new InputException("[%s] %s".formatted(small.checkpoint().path(), e.getMessage()));
        }
    }
}
