package dev.sglp.data;

import dev.sglp.tensor.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;

/// The sets of items, none of which shares an item with another (unless the user allowed it, and a note says so); those of a repair are
/// calibration data too.
///
/// @param calibration  what similarity and importance are measured on
/// @param repair       what a repair is fitted on and checked with
/// @param verification what the best plans are tried on; may be empty
/// @param report       what the printed figures are measured on
/// @param notes        sentences for the user: choices made, items skipped
public record DataRoles(Dataset calibration, RepairData repair, Dataset verification, Dataset report,
        List<String> notes) {
    /// More of the lines than this part in two roles is no accident.
    private static final double TOLERATED = 0.01;

    public DataRoles {
        notes = List.copyOf(notes);
    }

    /// A repair is fitted on the calibration data and checked with the verification data.
    public DataRoles(Dataset calibration, Dataset verification, Dataset report, List<String> notes) {
        this(calibration, new RepairData(calibration, verification), verification, report, notes);
    }

    /// The same roles, whose batches lie on a device.
    public DataRoles on(Device device) {
        var found = new IdentityHashMap<Dataset, Dataset>(); // one that has several roles keeps them
        UnaryOperator<Dataset> there = items -> found.computeIfAbsent(items, i -> i.on(device));
        return new DataRoles(there.apply(calibration),
                new RepairData(there.apply(repair.fit), there.apply(repair.check)), there.apply(verification),
                there.apply(report), notes);
    }

    /// What a repair needs.
    ///
    /// @param fit   it is fitted on; may share items with the calibration data
    /// @param check tells which of its changes help: items that chose neither plan nor repair, or the verification data where
    ///              there are no others; may be empty
    public record RepairData(Dataset fit, Dataset check) {
        /// So many items to fit on ask for one to check with.
        public static final int FIT_FOR_CHECK = 5;
    }

    /// Whether two texts may have so many of so many lines or documents in common: headings and phrases recur.
    public static boolean tolerates(long shared, long all) {
        return shared <= TOLERATED * all;
    }

    /// How many items of one set occur in another, by content.
    public static long shared(Dataset items, Dataset in) {
        var hashes = new HashSet<>(in.itemHashes());
        return items.itemHashes().stream().filter(hashes::contains).count();
    }

    /// A sentence for each two roles that share items; empty where the rule holds.
    public List<String> overlaps() {
        var pairs = List.of(new Pair("calibration", calibration, "report", report),
                new Pair("verification", verification, "report", report),
                new Pair("verification", verification, "calibration", calibration),
                new Pair("repair", repair.fit, "report", report),
                new Pair("repair", repair.fit, "verification", verification));
        return pairs.stream().filter(pair -> !pair.known(this)).filter(pair -> pair.shared() > 0).map(Pair::toString)
                .toList();
    }

    /// These roles where no two share an item; else, where `allowed`, these roles with a note on each overlap.
    ///
    /// @throws OverlapException where two roles share items and that is not allowed
    public DataRoles checked(boolean allowed) throws IOException {
        var found = overlaps();
        if (!found.isEmpty() && !allowed) {
            throw new OverlapException(found.getFirst() + " " + OverlapException.ADVICE);
        }
        var all = new ArrayList<>(notes);
        found.forEach(line -> all.add(line + " " + OverlapException.ALLOWED));
        return new DataRoles(calibration, repair, verification, report, all);
    }

    private record Pair(String name, Dataset items, String otherName, Dataset others) {
        /// Whether another pair tells the same.
        boolean known(DataRoles roles) {
            return name.equals("repair") && items.itemHashes().equals(roles.calibration.itemHashes());
        }

        long shared() {
            return DataRoles.shared(items, others);
        }

        @Override
        public String toString() {
            return "%d of %d %s items (%s) are also %s items (%s).".formatted(shared(), items.itemHashes().size(), name,
                    items.name(),
                    otherName, others.name());
        }
    }
}
