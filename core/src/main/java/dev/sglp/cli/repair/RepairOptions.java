package dev.sglp.cli.repair;

import dev.sglp.Recipe;
import dev.sglp.View;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.data.Modality.RepairFrom;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.TextOptions;
import dev.sglp.cli.typed.Given;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataSpec;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.repair.Repairs;
import dev.sglp.repair.Scale;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How what a removal leaves is repaired.
@Under(Heading.REPAIR)
public final class RepairOptions {
    @Option(names = "--repair", paramLabel = "NAME", completionCandidates = Known.Repairs.class, description = "after the removal: refit (each layer from the first gap on is fitted by least squares to the dense network's stream), scale (Prune&Comp: what later layers add is divided by a factor; for networks that are read through a final norm), scale-refit (that, then refit to the stream divided so), blockwise (refit, then all of each layer to the same stream by gradient, a layer at a time; minutes; of networks that read tokens or patches), replaceme (ReplaceMe: the output of the MLP before each gap is multiplied by a matrix; a rival to compare with), none (default: that of --preset; refit in sglp repair)")
    private @Nullable String repair;

    @Option(names = "--repair-samples", paramLabel = "N", description = "what it is fitted on: windows of text as wide as those that verify (default: 50), or training images (default: 1000, of large ones as many as leave 2 GiB of activations); a fifth as many others tell which layers' change helps")
    private @Nullable Integer samples;

    @Option(names = "--repair-ridge", paramLabel = "X", description = "refit, scale-refit, blockwise: ridge λ of the least squares, above 0 (default: 1 for transformers, 0.1 for convolutional networks)")
    private @Nullable Double ridge;

    @Option(names = "--repair-gaps", description = "refit, scale-refit, blockwise: change the layer before each gap alone")
    private boolean gaps;

    @Option(names = "--repair-data", paramLabel = "SPEC", description = "text: fit on these texts besides --data, each with a --repair-data of its own and an equal share of --repair-samples: what is fitted on one kind of text helps another less; none of their lines may stand in the verification or the report")
    private List<String> texts = List.of();

    @SuppressWarnings("NullAway") // picocli fills the fields
    public RepairOptions() {}

    /// @param given what the user typed
    /// @param usual the name of the repair where none was typed
    /// @throws UsageException where a flag is out of range, or the network cannot be repaired that way
    public Repair repair(Architecture network, Given given, String usual) {
        return checked(repair(given, repair == null ? possible(usual, network, given) : usual), network);
    }

    /// What stands in for a repair that nobody asked for by name and that the network does not allow.
    private static String possible(String usual, Architecture network, Given given) {
        if (lacking(Repairs.named(usual), network).isEmpty()) {
            return usual;
        }
        var other = allowed(network);
        given.notes().accept("note: no layer of a %s ends in one map that could be fitted anew; --repair is %s"
                .formatted(network.family(), other.name()));
        return other.name();
    }

    /// @throws UsageException where the network cannot be repaired that way
    public static Repair checked(Repair repair, Architecture network) {
        lacking(repair, network).ifPresent(need -> {
            throw new UsageException("--repair %s is for %s, and a %s is none. Use --repair %s".formatted(
                    repair.name(), need.networks(), network.family(), allowed(network).name()));
        });
        return repair;
    }

    /// The first of the usual ones that a network allows.
    private static Repair allowed(Architecture network) {
        return Stream.of(Refit.standard(), new Scale()).filter(r -> lacking(r, network).isEmpty()).findFirst()
                .orElseGet(NoRepair::new);
    }

    /// The first thing that a repair needs and a network has not.
    private static Optional<RepairNeed> lacking(Repair repair, Architecture network) {
        return repair.needs().stream().sorted().filter(need -> !network.has(need)).findFirst();
    }

    private Repair repair(Given given, String usual) {
        var named = Repairs.named(repair == null ? usual : repair);
        if (named instanceof NoRepair) {
            given.refuse("belongs to --repair refit and scale, not to none", "--repair-samples",
                    "--repair-data");
        }
        if (samples != null && samples < 1) {
            throw new UsageException("--repair-samples is at least 1, got " + samples);
        }
        if (named.leastSquares().isEmpty()) {
            given.refuse("belongs to --repair refit, not to " + named.name(), "--repair-ridge", "--repair-gaps");
            return named;
        }
        if (ridge != null && !(ridge > 0)) {
            throw new UsageException("--repair-ridge is above 0, got " + ridge);
        }
        return named.with(ridge == null ? Refit.OWN : ridge, gaps);
    }

    /// What its flags are, those that were typed besides.
    ///
    /// @param usual  the name of the repair where none was typed
    /// @param repair that is taken
    public List<Instead> instead(String usual, Repair repair) {
        var all = new ArrayList<>(List.of(new Instead("--repair", usual, repair.name())));
        if (ridge != null && repair.leastSquares().isPresent()) {
            all.add(new Instead("--repair-ridge", "the family's own", String.valueOf(ridge)));
        }
        if (gaps && repair.leastSquares().isPresent()) {
            all.add(new Instead("--repair-gaps", "false", "true"));
        }
        return all;
    }

    /// The file, told what a choice by this recipe and its repair keep beside it; a card keeps that in its own memory.
    public ModelFile keeping(ModelFile file, Recipe recipe) {
        return file.architecture().streams() && file.device().isCpu()
                ? MemoryOption.sparing(file.keeping(
                        View.kept(file, recipe, file.tokens() * (samples == null ? TextOptions.REPAIR : samples))),
                        recipe)
                : file;
    }

    /// What it is fitted on.
    ///
    /// @throws UsageException where texts are named for a network that reads none, or twice
    public RepairFrom items(Architecture network, Repair repair) {
        if (repair instanceof NoRepair) {
            return RepairFrom.of(false);
        }
        boolean text = network.input() instanceof Architecture.Input.Text;
        if (!texts.isEmpty() && !text) {
            throw new UsageException("--repair-data is for networks that read text, and a %s does not"
                    .formatted(network.family()));
        }
        if (texts.size() != new HashSet<>(texts).size()) {
            throw new UsageException("--repair-data %s: one was given twice".formatted(texts));
        }
        var usual = samples == null && text && !repair.fits() ? (Integer) TextOptions.REPAIR : samples;
        return new RepairFrom(usual, texts.stream().map(DataSpec::parse).toList());
    }
}
