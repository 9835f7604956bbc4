package dev.sglp.cli.data;

import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.family.ModelFile;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What differs between networks that look at images and those that read text: how data are opened and cut into roles, what is
/// usual, and the words for it.
public interface Modality {
    /// What such a network takes: `images`, `text`.
    String takes();

    /// What it does with it: `looks at`, `reads`.
    String verb();

    /// Items a forward pass of this network where nobody says otherwise.
    int usualBatch(ModelFile model);

    /// Items a step of its training where nobody says otherwise.
    default int usualStep(ModelFile model) {
        return usualBatch(model);
    }

    /// Whether a report is made in batches of so many items; else by the size of a forward pass.
    boolean reportsInBatches();

    /// Whether a study heals and trains networks of this kind so far.
    boolean healedInStudies();

    /// The flags that are for networks of this kind alone.
    String[] flags();

    /// Checks its own flags before anything is loaded or read.
    ///
    /// @param specs the data sets
    /// @throws dev.sglp.fault.UsageException where one is out of range
    void check(ModelFile model, List<DataSpec> specs);

    /// All three roles.
    DataRoles roles(ModelFile model, Request request) throws IOException;

    /// What a network may be trained on.
    Noted<? extends Dataset> training(ModelFile model, Request request, Wanted wanted) throws IOException;

    /// What is to be trained on.
    ///
    /// @param roles  none of whose verification or report it has
    /// @param most   items, drawn evenly; 0: all there are
    /// @param tokens of text, drawn evenly; 0: all there are
    /// @param from   texts it comes from
    /// @param packed whether as many documents of text stand in a window as fit
    /// @param chosen what a choice and its repair were made on; absent where nothing was chosen
    record Wanted(DataRoles roles, int most, long tokens, HealingData.From from, boolean packed,
            @Nullable RepairFrom chosen) {
        /// A window a document.
        public Wanted(DataRoles roles, int most, long tokens, HealingData.From from) {
            this(roles, most, tokens, from, false, null);
        }

        /// The same, as many documents in a window as fit.
        public Wanted with(boolean packing) {
            return new Wanted(roles, most, tokens, from, packing, chosen);
        }

        /// The same after a choice on the data, and a repair.
        public Wanted after(RepairFrom repair) {
            return new Wanted(roles, most, tokens, from, packed, repair);
        }

        /// What the other roles leave of the data they are cut from.
        public Wanted(DataRoles roles, int most) {
            this(roles, most, 0, HealingData.From.rest());
        }
    }

    /// The report role alone.
    Noted<? extends Dataset> report(ModelFile model, Request request) throws IOException;

    /// What the user asked for.
    ///
    /// @param data    `--data`
    /// @param test    `--test`; absent where the report is a part of the same
    /// @param counts  how many items of each role
    /// @param repairOn `--repair-data`: other texts that a repair is fitted on besides
    /// @param seed    of the draws
    /// @param allowOverlap whether roles may share items
    /// @param around  what stands around
    record Request(DataSpec data, @Nullable DataSpec test, Counts counts, List<DataSpec> repairOn, long seed,
            boolean allowOverlap, Around around) {
        /// The same with another number of calibration items.
        Request with(int samples) {
            return new Request(data, test, new Counts(samples, counts.verify, counts.repair, counts.limit),
                    repairOn, seed, allowOverlap, around);
        }
    }

    /// What a repair is fitted on.
    ///
    /// @param items absent: the usual number; 0 where nothing is repaired
    /// @param texts others that it is fitted on besides the calibration's, an equal share each
    record RepairFrom(@Nullable Integer items, List<DataSpec> texts) {
        /// Nothing is repaired, or the usual number of items.
        public static RepairFrom of(boolean repairs) {
            return new RepairFrom(repairs ? null : (Integer) 0, List.of());
        }
    }

    /// How many items are asked for; absent: as many as are usual.
    ///
    /// @param samples to calibrate on
    /// @param verify  to verify on
    /// @param repair  to fit a repair on; 0 where nothing is repaired
    /// @param limit   to report on; 0 for all
    record Counts(@Nullable Integer samples, @Nullable Integer verify, @Nullable Integer repair, int limit) {
        public int samples(int usual) {
            return samples == null ? usual : samples;
        }

        public int verify(int usual) {
            return verify == null ? usual : verify;
        }

        public int repair(int usual) {
            return repair == null ? usual : repair;
        }
    }

    /// @param threads to decode with
    /// @param given   which flags were typed
    record Around(int threads, Given given, Progress progress) {}
}
