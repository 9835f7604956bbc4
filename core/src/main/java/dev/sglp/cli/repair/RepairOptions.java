package dev.sglp.cli.repair;

import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.family.Architecture;
import dev.sglp.fault.UsageException;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.repair.Repairs;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How what a removal leaves is repaired.
@Under(Heading.REPAIR)
public final class RepairOptions {
    @Option(names = "--repair", paramLabel = "NAME", completionCandidates = Known.Repairs.class, description = "after the removal, in closed form, nothing trained: refit (each layer from the first gap on is fitted by least squares to the dense network's stream), scale (Prune&Comp: what later layers add is divided by a factor; for networks that are read through a final norm), none (default: that of --preset; refit in sglp repair)")
    private @Nullable String repair;

    @Option(names = "--repair-samples", paramLabel = "N", description = "what it is fitted on: windows of text as wide as those that verify (default: 25), or training images (default: 1000); a fifth as many others tell which layers' change helps")
    private @Nullable Integer samples;

    @Option(names = "--repair-ridge", paramLabel = "X", description = "refit: ridge λ of the least squares, above 0 (default: 1 for decoders, 0.1 for image networks)")
    private @Nullable Double ridge;

    @Option(names = "--repair-gaps", description = "refit: change the layer before each gap alone")
    private boolean gaps;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public RepairOptions() {}

    /// @param given what the user typed
    /// @param usual the name of the repair where none was typed
    /// @throws UsageException where a flag is out of range, or the network cannot be repaired that way
    public Repair repair(Architecture network, Given given, String usual) {
        var asked = repair(given, usual);
        if (leftOut(network, usual).isPresent()) {
            given.refuse("belongs to a repair, and " + network.unrepairable().orElseThrow(), "--repair-samples",
                    "--repair-ridge", "--repair-gaps");
            return new NoRepair();
        }
        return checked(asked, network);
    }

    /// What is left out of what is usual; empty where nothing is.
    public Optional<String> leftOut(Architecture network, String usual) {
        return repair == null && !usual.equals(new NoRepair().name())
                ? network.unrepairable().map(why -> "Nothing is repaired: %s.".formatted(why))
                : Optional.empty();
    }

    /// @throws UsageException where the network cannot be repaired that way
    public static Repair checked(Repair repair, Architecture network) {
        if (!(repair instanceof NoRepair)) {
            network.unrepairable().ifPresent(why -> {
                throw new UsageException(
                        "--repair %s is not for this network: %s. Use --repair none".formatted(repair.name(), why));
            });
        }
        repair.hindrance(network.layout()).ifPresent(why -> {
            throw new UsageException("%s, and a %s is not. Use --repair refit".formatted(why, network.family()));
        });
        return repair;
    }

    private Repair repair(Given given, String usual) {
        var named = Repairs.named(repair == null ? usual : repair);
        if (named instanceof NoRepair) {
            given.refuse("belongs to --repair refit and scale, not to none", "--repair-samples");
        }
        if (samples != null && samples < 1) {
            throw new UsageException("--repair-samples is at least 1, got " + samples);
        }
        if (!(named instanceof Refit)) {
            given.refuse("belongs to --repair refit, not to " + named.name(), "--repair-ridge", "--repair-gaps");
            return named;
        }
        if (ridge != null && !(ridge > 0)) {
            throw new UsageException("--repair-ridge is above 0, got " + ridge);
        }
        return new Refit(ridge == null ? Refit.OWN : ridge, gaps);
    }

    /// Items to fit on; absent: the usual number; 0 where nothing is repaired.
    public @Nullable Integer samples(Repair repair) {
        return repair instanceof NoRepair ? (Integer) 0 : samples;
    }
}
