package dev.sglp.cli;

import dev.sglp.Records;
import dev.sglp.Version;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.text.ModelCards;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.cli.text.ShardOptions;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.WeightsOption;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Provenance;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.report.Human;
import dev.sglp.report.Json;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.surgery.DirectorySurgeon;
import dev.sglp.surgery.Outgoing;
import dev.sglp.surgery.Rounding;
import dev.sglp.surgery.Surgeon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Removal from a plan, or of named layers.
@Command(name = "apply", modelTransformer = HelpLayout.class, description = "Removes the layers that a plan or --layers names. Needs no data; the same layers and model always give the same file.", footer = {
        "", "Examples:", "  sglp apply run/plan.json resnet56-4bfd9763.th --out pruned/",
        "  sglp apply run/plan.json resnet56-4bfd9763.th --out pruned/ --format pth",
        "  sglp apply run/plan.json llama/ --out pruned/ --max-shard-size 2GB",
        "  sglp apply --layers 12-15,20 llama/ --out pruned/", "",
        "The network of a plan that was repaired: --repair none, then sglp repair.",
        "A plan can be edited first: \"removed\" lists the layers that go. What is",
        "written then says that it was edited by hand, and names no method. A plan",
        "may hold \"removed\" alone: {\"removed\": [12, 13, 20]}"})
@Without("--device")
final class ApplyCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Parameters(arity = "1..2", paramLabel = "[PLAN] MODEL", hideParamSyntax = true, description = "the plan.json of analyze or prune, without --layers; and the checkpoint it was made for")
    private List<Path> paths;

    @Under(Heading.CHOICE)
    @Option(names = "--layers", paramLabel = "LIST", description = "instead of PLAN: the layers that go, for instance 12-15,20; last is the last one, -2 the one before")
    private @Nullable String layers;

    @Mixin(name = "weights")
    private WeightsOption weights;

    @Mixin(name = "output")
    private OutputOptions output;

    @Mixin(name = "shards")
    private ShardOptions shards;

    @Under(Heading.REPAIR)
    @Option(names = "--repair", paramLabel = "NAME", completionCandidates = Known.NoRepair.class, description = "none: write the network of a repaired plan without its repair; sglp repair does it again, which needs data")
    private @Nullable String repair;

    @Option(names = "--any-weights", description = "apply it to other weights than it was made for")
    private boolean anyWeights;

    @SuppressWarnings("NullAway") // picocli fills the fields
    ApplyCommand() {}

    record Applied(List<Integer> removed, String method, String weights, Stored stored,
            double largestLogitDifference) {}

    /// What is to go, once the network is known.
    private interface Choice {
        PruningPlan of(ModelFile file) throws IOException;
    }

    @Override
    public Integer call() throws IOException {
        if (repair != null && !repair.equalsIgnoreCase("none")) {
            throw new UsageException(
                    "apply takes --repair none alone, got '%s': it has no data. Repair what it wrote: sglp repair OUT --of MODEL --data SPEC"
                            .formatted(repair));
        }
        var choice = choice();
        try (var file = weights.open(paths.getLast())) {
            var plan = choice.of(file);
            var place = output.place().sharded(shards.bytes(file.architecture()));
            Surgeon.checkOutput(file, place.directory(), place.format());
            var progress = common
                    .start("Removing layers %s from %s".formatted(plan.removed(), ModelArgument.headline(file)));
            if (plan.method().equals(PruningPlan.EDITED)) {
                progress.say("The plan was edited by hand: what is written says so, and names no method.");
            }
            if (file.architecture().directory()) {
                ModelTokenizer.complaint(file).ifPresent(progress::say);
            }
            var written = write(plan, file, place);
            var stored = Records.stored(file, written);
            common.out().println("written: %s (%s from %s); opened again, %s at most %.1e apart".formatted(
                    written.weights(), Human.bytes(stored.bytes()), Human.bytes(stored.given()),
                    file.architecture().answer().numbers(), written.largestDifference()));
            stored.sentences().forEach(common.out()::println);
            common.writeJson(new Applied(plan.removed().indices(), plan.method(), written.weights().toString(), stored,
                    written.largestDifference()));
        }
        return 0;
    }

    /// A plan is read before the model: whoever mixes them up is told so.
    private Choice choice() throws IOException {
        if (paths.size() != (layers == null ? 2 : 1)) {
            throw new UsageException(layers == null
                    ? "apply takes a plan and a model, got '%s' alone. --layers LIST names layers without a plan"
                            .formatted(paths.getFirst())
                    : "--layers %s says which layers go: leave the plan '%s' out".formatted(layers, paths.getFirst()));
        }
        if (layers != null) {
            var asked = layers;
            common.given().ignore("is for a plan that was made for other weights", "--any-weights");
            common.given().ignore("plays no part: named layers are removed alone", "--repair");
            return file -> named(asked, file);
        }
        var path = paths.getFirst();
        if (Files.isDirectory(path)) {
            throw new IOException("[%s] is a directory, expected a plan.json. The plan comes first, then the model"
                    .formatted(path));
        }
        var alone = Json.removedAlone(path);
        if (alone.isPresent()) {
            common.given().ignore("plays no part: the plan does not say what weights it was made for", "--any-weights");
            return file -> alone(path, alone.get(), file);
        }
        var read = Json.readPlan(path);
        return file -> {
            check(path, read, file);
            return unrepaired(path, read.of(names(file)));
        };
    }

    /// A repair needs data, which a plan does not hold.
    private PruningPlan unrepaired(Path path, PruningPlan plan) {
        var done = plan.repair();
        if (done != null && done.kept() && repair == null) {
            throw new UsageException(
                    "[%s] is of a network that was repaired (%s, on %s), and apply has no data. --repair none removes the layers alone; sglp repair OUT --of %s --data SPEC then repairs it again"
                            .formatted(path, done.name(), done.data(), paths.getLast()));
        }
        if (done == null || !done.kept()) {
            common.given().ignore("plays no part: nothing was repaired in this plan", "--repair");
        }
        return plan.unrepaired();
    }

    private static List<String> names(ModelFile file) {
        return file.architecture().layers().stream().map(Architecture.LayerCost::name).toList();
    }

    private PruningPlan named(String asked, ModelFile file) throws IOException {
        var plan = byHand(listed(asked, names(file).size()), file);
        fixed(plan.removed(), file).ifPresent(why -> {
            throw new UsageException("--layers %s removes %s".formatted(asked, why));
        });
        return plan;
    }

    private static LayerSet listed(String asked, int layers) {
        var indices = Arguments.indices("--layers", asked, layers);
        try {
            return LayerSet.listed(indices);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--layers %s: %s".formatted(asked, e.getMessage()), e);
        }
    }

    private PruningPlan alone(Path path, LayerSet removed, ModelFile file) throws IOException {
        try {
            var plan = byHand(removed, file);
            checkFixed(path, removed, file);
            return plan;
        } catch (IllegalArgumentException e) {
            throw new IOException("[%s] %s".formatted(path, e.getMessage()), e);
        }
    }

    private PruningPlan byHand(LayerSet removed, ModelFile file) throws IOException {
        return PruningPlan.byHand(removed, names(file),
                new Provenance(file.checkpoint().path().getFileName().toString(),
                        Checkpoints.sha256(file.checkpoint()), "none", common.seed(), Version.current(),
                        Arguments.command()));
    }

    private static Surgeon.Written write(PruningPlan read, ModelFile file, OutputOptions.Place place)
            throws IOException {
        Outgoing.Documents documents = written -> documents(read, file, written);
        if (file.architecture().directory()) {
            return new DirectorySurgeon(file, place.shard()).write(read.removed(), place.as(), place.directory(),
                    documents);
        }
        try (var weights = file.forReading()) {
            var rounding = new Rounding(file, weights, place.as());
            var pruned = rounding.of(file.architecture().build(weights).without(read.removed()), read.removed());
            return new Surgeon(file, weights, place.format(), place.shard())
                    .write(new Outgoing(read.removed(), pruned, rounding.types()), place.directory(), documents)
                    .rounded(rounding.difference());
        }
    }

    private static Map<String, byte[]> documents(PruningPlan read, ModelFile file, Surgeon.Written written)
            throws IOException {
        var config = written.types().in(file.architecture().config(read.removed(), List.of()));
        var documents = Documents.of(file, config);
        documents.put("plan.json", Json.pretty(read).getBytes(StandardCharsets.UTF_8));
        documents.putAll(ModelCards.document(file, card -> card.of(read, Records.stored(file, written),
                Version.current(), Arguments.command())));
        return documents;
    }

    /// The first of the layers that has to stay, and why.
    private static Optional<String> fixed(LayerSet removed, ModelFile file) {
        var layers = file.architecture().layers();
        return removed.indices().stream().filter(i -> !layers.get(i).removable()).findFirst()
                .map(i -> "layer %d (%s), which has to stay: it %s".formatted(i, layers.get(i).name(),
                        layers.get(i).fixed()));
    }

    private static void checkFixed(Path path, LayerSet removed, ModelFile file) throws IOException {
        var fixed = fixed(removed, file);
        if (fixed.isPresent()) {
            throw new IOException("[%s] removes %s".formatted(path, fixed.get()));
        }
    }

    private void check(Path path, PruningPlan read, ModelFile file) throws IOException {
        int count = file.architecture().layers().size();
        var model = file.checkpoint().path();
        if (read.layers() != count) {
            throw new IOException(
                    "[%s] is for a network of %d layers, [%s] has %d".formatted(path, read.layers(), model, count));
        }
        checkFixed(path, read.removed(), file);
        var sha = Checkpoints.sha256(file.checkpoint());
        var made = read.provenance().weights();
        if (!anyWeights && !sha.equals(made)) {
            throw new IOException(
                    "[%s] was made for other weights (SHA-256 %s…) than [%s] holds (%s…). --any-weights applies it all the same"
                            .formatted(path, made.substring(0, Math.min(12, made.length())), model,
                                    sha.substring(0, 12)));
        }
    }
}
