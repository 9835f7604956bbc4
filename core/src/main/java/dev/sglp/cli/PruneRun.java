package dev.sglp.cli;

import dev.sglp.Notebook;
import dev.sglp.Outcome;
import dev.sglp.Recipe;
import dev.sglp.Records;
import dev.sglp.Sglp;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.choice.RoomyNotebook;
import dev.sglp.cli.generation.SideBySide;
import dev.sglp.cli.repair.FileWriting;
import dev.sglp.cli.text.ModelCards;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.UsedPreset;
import dev.sglp.report.Diagnosis;
import dev.sglp.report.HtmlReport;
import dev.sglp.report.Json;
import dev.sglp.report.RunRecord.Output;
import dev.sglp.report.RunRecord;
import dev.sglp.report.Tables;
import dev.sglp.report.repair.Repairing;
import dev.sglp.surgery.Outgoing;
import dev.sglp.surgery.Rounding;
import dev.sglp.surgery.Surgeon;
import dev.sglp.surgery.WrittenTypes;
import dev.sglp.training.Healing;
import dev.sglp.training.NoHealing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One run of the whole method with all its files.
///
/// @param file   the model
/// @param roles  the data
/// @param recipe the settings
/// @param place  where the files go, and in which form
/// @param samples of prompts, continued by each network on the way; empty where there are none
/// @param lesson  settings of the training that heals, in words; empty where there is none
/// @param preset  by which it is made; absent where there is none
record PruneRun(ModelFile file, DataRoles roles, Recipe recipe, OutputOptions.Place place, CommonOptions common,
        Optional<SideBySide> samples, Map<String, String> lesson, @Nullable UsedPreset preset) {
    /// By no preset.
    PruneRun(ModelFile file, DataRoles roles, Recipe recipe, OutputOptions.Place place, CommonOptions common,
            Optional<SideBySide> samples) {
        this(file, roles, recipe, place, common, samples, Map.of(), null);
    }

    /// No text is continued.
    PruneRun(ModelFile file, DataRoles roles, Recipe recipe, OutputOptions.Place place, CommonOptions common) {
        this(file, roles, recipe, place, common, Optional.empty());
    }

    /// What a run found and wrote.
    record Done(RunRecord record, Surgeon.Written written) {}

    /// @param words settings of the training that it is
    PruneRun with(Healing healing, Map<String, String> words) {
        return new PruneRun(file, roles, recipe.with(healing), place, common, samples, words, preset);
    }

    /// The same with more to be said of its data.
    PruneRun noting(List<String> more) {
        var all = Stream.concat(roles.notes().stream(), more.stream()).toList();
        return new PruneRun(file, new DataRoles(roles.calibration(), roles.repair(), roles.verification(),
                roles.report(), all), recipe, place, common, samples, lesson, preset);
    }

    PruneRun by(UsedPreset used) {
        return new PruneRun(file, roles, recipe, place, common, samples, lesson, used);
    }

    /// Everything the choice depends on, in words.
    String depends() throws IOException {
        return "%s of %s on %s".formatted(recipe, file.identity(),
                Stream.of(roles.calibration(), roles.repair().fit(), roles.repair().check(), roles.verification(),
                        roles.report())
                        .map(items -> items.name() + " " + items.digest()).collect(Collectors.joining(", ")));
    }

    private Path out() {
        return place.directory();
    }

    Done run(Progress progress) throws IOException {
        try (var weights = weights()) {
            return run(weights, Notebook.none(), progress);
        }
    }

    /// The file's weights: a copy where healing changes them.
    Weights weights() throws IOException {
        return recipe.healing() instanceof NoHealing ? file.forReading() : file.forTraining();
    }

    /// @param weights the file's; healed in place, then rounded as they are written
    Done run(Weights weights, Notebook notebook, Progress progress) throws IOException {
        var rounding = new Rounding(file, weights, place.as());
        var writing = new FileWriting(file.architecture(), weights, rounding);
        var outcome = outcome(file.architecture().build(weights),
                new Sglp.Around(new RoomyNotebook(notebook, file), writing, stages(), progress));
        var records = new Records(file, roles, recipe, Arguments.command());
        var plan = records.plan(outcome).by(preset);
        var outgoing = new Outgoing(plan.removed(), outcome.pruned(), rounding.types());
        var written = new Surgeon(file, weights, place.format(), place.shard())
                .write(outgoing, out(), weighed -> {
                    var output = output(plan, weighed.rounded(rounding.difference()));
                    var all = documents(plan, weighed.types());
                    all.putAll(card(whole(records.run(outcome, plan, output))));
                    return all;
                }).rounded(rounding.difference());
        MemoryOption.taken(file, weights, progress);
        var record = whole(records.run(outcome, plan, output(plan, written)));
        CommonOptions.write(out().resolve("prune.json"), Json.pretty(record));
        CommonOptions.write(out().resolve("report.html"), HtmlReport.of(record));
        common.writeJson(record);
        return new Done(record, written);
    }

    private Map<String, byte[]> card(RunRecord record) throws IOException {
        return ModelCards.document(file, card -> card.of(record));
    }

    private Sglp.Stages stages() {
        return samples.<Sglp.Stages>map(found -> found).orElse(Sglp.Stages.NOBODY);
    }

    private Outcome outcome(LayeredModel dense, Sglp.Around around) {
        try {
            return Sglp.run(dense, roles, recipe, around);
        } finally {
            samples.ifPresent(SideBySide::close);
        }
    }

    private RunRecord whole(RunRecord record) {
        var taught = lesson.isEmpty() ? record : record.trained(lesson);
        return samples.map(found -> taught.with(found.samples())).orElse(taught);
    }

    private Map<String, byte[]> documents(PruningPlan plan, WrittenTypes types) throws IOException {
        var config = types.in(file.architecture().config(plan.removed(), roles.report().classes()));
        var documents = Documents.of(file, config);
        documents.put("plan.json", Json.pretty(plan).getBytes(StandardCharsets.UTF_8));
        return documents;
    }

    private Output output(PruningPlan plan, Surgeon.Written written) throws IOException {
        return new Output(out().toString(), written.weights().toString(), Records.stored(file, written),
                place.format().openWith(file.architecture().openWith(plan.removed())),
                written.largestDifference());
    }

    /// @param remarks further lines for the user, before the report's path
    void print(Done done, String... remarks) throws IOException {
        var print = common.out();
        var written = done.written;
        print.println(Tables.segments(done.record));
        print.println(Tables.curve(done.record.segmentation()));
        print.println("removed layers: %s".formatted(Objects.requireNonNull(done.record.plan()).removed()));
        print.println(Tables.work(done.record));
        Diagnosis.findings(Objects.requireNonNull(done.record.trust())).forEach(print::println);
        Diagnosis.mechanisms(done.record).forEach(finding -> print.println(finding.line()));
        var repair = done.record.plan().repair();
        if (repair != null) {
            print.println(Repairing.sentence(repair));
        }
        var training = done.record.training();
        if (training != null && training.taken() != null) {
            print.println("The weights of what is written are %s.".formatted(training.takenInWords()));
        }
        print.println();
        print.println(Tables.comparison(done.record));
        ClaimedAccuracy.of(file.checkpoint().metadata(), Objects.requireNonNull(done.record.before()))
                .flatMap(ClaimedAccuracy::warning).ifPresent(warning -> print.println(common.warning(warning)));
        Diagnosis.warnings(done.record).forEach(warning -> print.println(common.warning(warning)));
        samples.ifPresent(found -> found.lines().forEach(print::println));
        List.of(remarks).forEach(print::println);
        print.println("written: %s (%,d bytes); opened again, %s at most %.1e apart".formatted(written.weights(),
                written.bytes(), file.architecture().answer().numbers(), written.largestDifference()));
        print.println("report:  " + out().resolve("report.html"));
    }
}
