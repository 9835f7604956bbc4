package dev.sglp;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.data.DataRoles;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.importance.RankCorrelation;
import dev.sglp.method.Auto;
import dev.sglp.method.SglpMethod;
import dev.sglp.method.control.NamedLayers;
import dev.sglp.method.decision.Decision;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Provenance;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.repair.Repair;
import dev.sglp.report.Diagnosis;
import dev.sglp.report.RunRecord.Agreement;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.report.RunRecord.Output;
import dev.sglp.report.RunRecord.Single;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.report.RunRecord;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes plain records of what a run found.
///
/// @param file    the model
/// @param data    the roles
/// @param recipe  the settings
/// @param command what the user typed
public record Records(ModelFile file, DataRoles data, Recipe recipe, String command) {

    /// The plan that an analysis led to.
    public PruningPlan plan(Analysis analysis) throws IOException {
        var choice = analysis.choice();
        var layers = file.architecture().layers();
        var path = file.checkpoint().path();
        var provenance = new Provenance(path.getFileName().toString(), Checkpoints.sha256(file.checkpoint()),
                data.calibration().name() + ", sha256 " + data.calibration().digest(), recipe.compute().seed(),
                recipe.compute().weightSeed(), Version.current(), command);
        return new PruningPlan(choice.removed(),
                choice.removed().indices().stream().map(i -> layers.get(i).name()).toList(), recipe.method().name(),
                criterion(), layers.size(), analysis.segmentation(),
                choice.quota(),
                choice.candidates(),
                choice.choices(), choice.verification(), provenance).under(recipe.removesNothing() ? null : settings());
    }

    /// Absent where no method chose.
    private @Nullable Map<String, String> settings() {
        return chose() ? recipe.settings(file.architecture().layout()) : null;
    }

    private boolean chose() {
        return !(recipe.method() instanceof NamedLayers);
    }

    /// The same with what was repaired.
    public PruningPlan plan(Outcome outcome) throws IOException {
        return plan(outcome.analysis()).with(outcome.repair());
    }

    private String criterion() {
        return recipe.method().criterion(recipe.criterion()).name();
    }

    /// An analysis alone: nothing was removed or evaluated.
    public RunRecord analysis(Analysis analysis, @Nullable PruningPlan plan, Map<String, Double> seconds)
            throws IOException {
        return record(analysis, plan, null, seconds, null);
    }

    /// A whole run.
    public RunRecord run(Outcome outcome, PruningPlan plan, @Nullable Output output) throws IOException {
        return record(outcome.analysis(), plan, outcome, outcome.seconds(), output);
    }

    private RunRecord record(Analysis analysis, @Nullable PruningPlan plan, @Nullable Outcome outcome,
            Map<String, Double> seconds, @Nullable Output output) throws IOException {
        var singles = singles(analysis);
        var roles = new RunRecord.Data(data.calibration().name(), data.verification().name(), data.report().name(),
                outcome == null ? null : outcome.training().items());
        return new RunRecord(command, Version.current(), model(file), roles,
                layers(file.architecture(), recipe.kept(), plan == null ? LayerSet.EMPTY : plan.removed()),
                RunRecord.Similarity.of(analysis.similarity()), analysis.segmentation(), plan, criterion(), singles,
                analysis.lossWhenAbsent().isEmpty() ? List.of() : agreement(analysis.segmentation(), singles),
                outcome == null ? null : outcome.before().stored(bytes(file)),
                outcome == null ? null : written(outcome.afterRemoval(), output),
                outcome == null || outcome.repair() == null ? null : written(outcome.afterRepair(), output),
                outcome == null ? null : written(outcome.after(), output),
                outcome == null ? null : recipe.healing().name(),
                outcome == null || outcome.training().epochs().isEmpty() ? null : outcome.training(), seconds,
                Memory.peakResidentBytes(), Machine.here(Threads.count()),
                plan == null ? null : analysis.trust(), analysis.mechanisms(), notes(analysis, outcome), output)
                .under(outcome != null && recipe.removesNothing() ? null : settings());
    }

    private List<String> notes(Analysis analysis, @Nullable Outcome outcome) {
        var notes = new ArrayList<>(data.notes());
        if (!analysis.precision().isEmpty()) {
            notes.add(analysis.precision());
        }
        if (outcome != null) {
            ClaimedAccuracy.of(file.checkpoint().metadata(), outcome.before()).flatMap(ClaimedAccuracy::warning)
                    .ifPresent(notes::add);
        }
        Streaming.of(file).map(Streaming::words).ifPresent(notes::add);
        if (outcome != null && outcome.repair() != null) {
            notes.addAll(outcome.repair().notes());
        }
        if (outcome != null && recipe.removesNothing()) {
            notes.add("Nothing was to be removed: no layer was scored.");
        } else if (!recipe.compute().diagnosis() && chose()) {
            notes.add(
                    "--no-diagnosis: how much the loss grows with each layer absent was not measured, so nothing says how far the scores can be trusted. --diagnosis measures it.");
        }
        boolean looked = !recipe.method().comparesFew() || !analysis.choice().verification().isEmpty();
        if (looked && analysis.choice().removed().size() > 0 && View.asked(recipe, data)) {
            notes.add(seen());
        }
        notes.addAll(analysis.view());
        if (recipe.limits().decide() != Decision.OnData.LOSS && !analysis.choice().verification().isEmpty()) {
            notes.add("The best plans were compared by %s: that is what is called their loss."
                    .formatted(recipe.limits().decide().words()));
        }
        if (recipe.method() instanceof SglpMethod(var quota) && quota.shared()) {
            notes.add("Segments give as many layers as raise the score least (--quota global).");
        }
        notes.addAll(Diagnosis.findings(analysis.trust()));
        if (!recipe.kept().equals(LayerSet.EMPTY)) {
            notes.add("Layers %s are protected by --protect.".formatted(recipe.kept()));
        }
        return notes;
    }

    /// How sets of layers were looked at where a repair follows.
    private String seen() {
        if (recipe.method().comparesFew()) {
            return "Plans were compared repaired: %s."
                    .formatted(recipe.repair().beforeGaps().map(Repair::words).orElse("as they are"));
        }
        return "Losses of sets of layers, also of each layer alone, are those of the network as it would be repaired, gap by gap%s."
                .formatted(recipe.method() instanceof Auto
                        ? "; those of the best few plans, which were verified again, of the network repaired whole"
                        : "");
    }

    /// As large as its files; as in memory where there are none.
    private static Evaluation written(Evaluation evaluation, @Nullable Output output) {
        return output == null ? evaluation : evaluation.stored(output.stored().bytes());
    }

    /// What was written, beside the network that was given.
    public static Stored stored(ModelFile given, Surgeon.Written written) throws IOException {
        return new Stored(written.bytes(), bytes(given), written.types().counts(), written.types().why(),
                written.rounding().isPresent() ? written.rounding().getAsDouble() : null);
    }

    /// Bytes of a network's weight files.
    public static long bytes(ModelFile file) throws IOException {
        long bytes = 0;
        for (var weights : file.checkpoint().weightFiles()) {
            bytes += Files.size(weights);
        }
        return bytes;
    }

    /// The model from its header.
    public static Model model(ModelFile file) throws IOException {
        var a = file.architecture();
        return new Model(file.checkpoint().path().toString(), a.family(), a.description(), a.layers().size(),
                a.parameters(), a.macs(), a.input().unit(), bytes(file),
                a.answer().lossIn());
    }

    /// The layers from the header.
    ///
    /// @param kept those that stay because somebody wants it
    public static List<LayerRow> layers(Architecture architecture, LayerSet kept, LayerSet removed) {
        var layers = architecture.layers();
        return IntStream.range(0, layers.size()).mapToObj(i -> {
            var layer = layers.get(i);
            boolean open = layer.removable() && !kept.contains(i);
            var fixed = layer.removable() ? "is protected" : layer.fixed();
            return new LayerRow(i, layer.name(), open, open ? null : fixed,
                    layer.cost().parameters(), layer.cost().macs(), layer.output(), removed.contains(i));
        }).toList();
    }

    private static List<Single> singles(Analysis analysis) {
        var scored = analysis.choice().singles();
        return IntStream.range(0, scored.size()).mapToObj(i -> {
            int layer = scored.get(i).layers().indices().getFirst();
            int segment = analysis.segmentation().find(layer).orElseThrow();
            return new Single(layer, segment, scored.get(i).score(), scored.get(i).spread(),
                    analysis.lossWhenAbsent().isEmpty()
                            ? null
                            : (Double) (analysis.lossWhenAbsent().get(i) - analysis.denseLoss()));
        }).toList();
    }

    private static List<Agreement> agreement(Segmentation segmentation, List<Single> singles) {
        return IntStream.range(0, segmentation.size()).mapToObj(s -> {
            var own = singles.stream().filter(x -> x.segment() == s).toList();
            var correlation = RankCorrelation.of(own.stream().mapToDouble(Single::score).toArray(),
                    own.stream().mapToDouble(x -> x.lossIncrease() == null ? 0 : x.lossIncrease()).toArray());
            return new Agreement(s, own.size(), correlation.isPresent() ? correlation.getAsDouble() : null);
        }).toList();
    }
}
