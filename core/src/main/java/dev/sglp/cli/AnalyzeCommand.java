package dev.sglp.cli;

import dev.sglp.Analysis;
import dev.sglp.Recipe;
import dev.sglp.Records;
import dev.sglp.Sglp;
import dev.sglp.Sglp.Around;
import dev.sglp.Stopwatch;
import dev.sglp.Writing;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.repair.FileWriting;
import dev.sglp.family.ModelFile;
import dev.sglp.surgery.Rounding;
import dev.sglp.surgery.WriteAs;
import dev.sglp.cli.choice.ChoiceOptions;
import dev.sglp.cli.choice.RoomyNotebook;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.data.Modality.RepairFrom;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.repair.RepairOptions;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.tuning.ScoringFolder;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.model.LayeredModel;
import dev.sglp.output.AtomicFile;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Repair;
import dev.sglp.report.Diagnosis;
import dev.sglp.report.HtmlReport;
import dev.sglp.report.Json;
import dev.sglp.report.RunRecord;
import dev.sglp.report.Tables;
import dev.sglp.training.NoHealing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Everything up to the choice.
@Command(name = "analyze", modelTransformer = HelpLayout.class, description = "How similar the layers are, where they fall into segments, how much the network misses each; with --remove or --ratio also the plan. Writes analysis.json, plan.json and report.html.", footer = {
        "",
        "Examples:",
        "  sglp analyze resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      -k 3 --out run/",
        "  sglp analyze resnet56-4bfd9763.th --data images:cifar10-jpeg.zip \\",
        "      --remove 6 --criterion gradnorm-skip --out run/",
        "",
        "Another plan.json that is there stays as plan.json~. Stopped in its choice,",
        "it leaves scores in DIR/scoring, with which the same command goes on."})
@Without("--no-latency")
@Says(of = "--samples", value = DataOptions.PRESET_SAMPLES)
final class AnalyzeCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "memory")
    private MemoryOption memory;

    @Mixin(name = "choice")
    private ChoiceOptions choice;

    @Mixin(name = "repair")
    private RepairOptions repair;

    @Under(Heading.CHOICE)
    @Option(names = "--no-scores", description = "similarity and segments only; no layer is scored")
    private boolean noScores;

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "DIR", description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("run");

    @Option(names = "--no-latency", description = "as in prune; nothing is timed here")
    private boolean noLatency;

    @SuppressWarnings("NullAway") // picocli fills the fields
    AnalyzeCommand() {}

    @Override
    public Integer call() throws IOException {
        common.given().ignore("plays no part in analyze, which times no forward pass", "--no-latency");
        if (noScores) {
            refuseScoring();
        }
        try (var opened = model.open(common)) {
            data.standard(choice.preset().windows());
            var fitting = memory.of(data.typed(choice.initialised(opened)), data.passes(opened));
            data.check(fitting, common.given());
            choice.check(data.verifies());
            var repair = this.repair.repair(fitting.architecture(), common.given(), choice.preset().repair());
            var recipe = choice.recipe(fitting, common.given(),
                    new Recipe.Compute(data.batchSize(fitting), common.seed(), Budget.NONE), repair,
                    new NoHealing());
            var file = this.repair.keeping(fitting, recipe);
            AtomicFile.checkWritable(out, "--out");
            OutputOptions.checkOwn(out);
            var progress = common.start("Analyzing " + ModelArgument.headline(file));
            progress.say(choice.taken(file.architecture()).told(around(file, repair)));
            MemoryOption.explain(file, recipe, progress);
            var roles = data.roles(file,
                    noScores ? RepairFrom.of(false) : this.repair.items(file.architecture(), repair), common, progress);
            roles.notes().forEach(progress::say);
            var records = new Records(file, roles, recipe, Arguments.command());
            if (noScores) {
                analyze(records,
                        (network, items, by, clock, told) -> Sglp.segment(network.model(), items, by, clock, told),
                        progress);
            } else {
                choice.explain(file, progress);
                var folder = new ScoringFolder(out, choice.scored(file));
                folder.explain(progress);
                try (var _ = Interruption.ofProcess().leaving(folder::lastWords)) {
                    analyze(records, (network, items, by, clock, told) -> Sglp.analyze(network.model(), items, by,
                            new Around(new RoomyNotebook(folder, file), network.written(file), told), clock), progress);
                }
                folder.clear();
            }
        }
        return 0;
    }

    /// Flags of the preset besides those of the choice.
    private List<Instead> around(ModelFile file, Repair repair) {
        return Stream.of(data.instead(file, choice.preset().windows()),
                this.repair.instead(choice.preset().repair(), repair)).flatMap(List::stream).toList();
    }

    private void refuseScoring() {
        common.given().refuse("needs a plan, which --no-scores makes none of", "--remove", "--ratio");
        common.given().refuse("belongs to scores, which --no-scores leaves out", "--criterion", "--method", "--quota",
                "--candidates", "--verify", "--verify-samples", "--dtype", "--second-look", "--reading", "--norm",
                "--scope", "--draws",
                "--init-std", "--weight-seed", "--protect", "--polish", "--also", "--decide", "--repair",
                "--repair-samples", "--repair-data",
                "--repair-ridge", "--repair-gaps", "--diagnosis");
        common.given().ignore("belongs to scores, which --no-scores leaves out", "--no-diagnosis");
    }

    /// How far the analysis goes.
    private interface Depth {
        Analysis of(Network network, DataRoles roles, Recipe recipe, Stopwatch clock, Progress progress);
    }

    /// @param weights of the file
    private record Network(LayeredModel model, Weights weights) {
        /// As `prune` would write it.
        Writing written(ModelFile file) {
            return new FileWriting(file.architecture(), weights, new Rounding(file, weights, WriteAs.SAME));
        }
    }

    private void analyze(Records records, Depth depth, Progress progress) throws IOException {
        var file = records.file();
        try (var weights = file.forReading()) {
            var clock = new Stopwatch();
            var analysis = depth.of(new Network(file.architecture().build(weights), weights), records.data(),
                    records.recipe(), clock,
                    progress);
            MemoryOption.taken(file, weights, progress);
            var used = choice.taken(file.architecture()).used(around(file, records.recipe().repair()));
            var plan = choice.hasTarget() ? records.plan(analysis).by(used) : null;
            var all = records.analysis(analysis, plan, clock.seconds()).by(used);
            var record = noScores ? all.under(null) : all;
            CommonOptions.write(out.resolve("analysis.json"), Json.pretty(record));
            if (plan != null) {
                var text = Json.pretty(plan);
                AtomicFile.keepOld(out.resolve("plan.json"), text.getBytes(StandardCharsets.UTF_8));
                CommonOptions.write(out.resolve("plan.json"), text);
            }
            CommonOptions.write(out.resolve("report.html"), HtmlReport.of(record));
            common.writeJson(record);
            print(record, records.recipe().repair());
        }
    }

    private void print(RunRecord record, Repair repair) {
        var print = common.out();
        print.println(Tables.segments(record));
        print.println(Tables.curve(record.segmentation()));
        var plan = record.plan();
        if (plan == null && !record.importance().isEmpty()) {
            print.println(Tables.singles(record));
            Diagnosis.mechanisms(record).forEach(finding -> print.println(finding.line()));
        } else if (plan != null) {
            var file = out.resolve("plan.json");
            print.println("removed layers: " + plan.removed());
            Diagnosis.findings(Objects.requireNonNull(record.trust())).forEach(print::println);
            Diagnosis.mechanisms(record).forEach(finding -> print.println(finding.line()));
            print.println("plan:   " + file);
            print.println("apply:  %s --out DIR".formatted(
                    Arguments.line("apply", file.toString(), record.model().path())));
            if (!(repair instanceof NoRepair)) {
                print.println("repair: %s --data … --out BETTER   (what apply leaves; prune does both)".formatted(
                        Arguments.line("repair", "DIR", "--of", record.model().path())));
            }
        }
        Diagnosis.warnings(record).forEach(warning -> print.println("warning: " + warning));
        print.println("report: " + out.resolve("report.html"));
    }
}
