package dev.sglp.data.image;

import dev.sglp.data.DataRoles;
import dev.sglp.data.DataRoles.RepairData;
import dev.sglp.data.Noted;
import dev.sglp.data.OverlapException;
import dev.sglp.data.Sampling;
import dev.sglp.data.Stretch;
import dev.sglp.fault.UsageException;
import dev.sglp.tensor.SplitMix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Decides which images play which role.
///
/// Where the source has a `train` split beside `test` or `val`, calibration and verification are drawn from `train` and
/// the report is `test` (or else `val`). Data named apart for the report gives its `test`, else `val`, else all of it. A
/// source that is not split, or has a validation split alone, is cut, class by class, into 70 % to calibrate, 10 % to verify, 20 % to report.
public final class ImageRoles {
    private static final int TRAINING = 4; // its order is not that of calibration and verification
    private static final List<String> POOLS = List.of(ImageSource.TRAIN, ImageSource.ALL);

    private final Settings settings;
    private final ImageSource source;
    private final ImageSource reportSource;
    private final String reportSplit;
    private final String poolSplit;
    private final boolean cut; // one split for all roles
    private final List<String> notes = new ArrayList<>();

    private ImageRoles(Settings settings) throws IOException {
        this.settings = settings;
        source = settings.data();
        reportSource = settings.test();
        boolean apart = reportSource != source;
        if (!Labels.agree(reportSource.classes(), source.classes())) {
            throw new IOException("[%s] has the classes %s, but [%s] has %s. The labels would not agree."
                    .formatted(reportSource.name(), reportSource.classes(), source.name(), source.classes()));
        }
        reportSplit = firstOf(reportSource, List.of(ImageSource.TEST, ImageSource.VAL));
        poolSplit = firstOf(source, POOLS);
        cut = !apart && reportSplit.equals(poolSplit);
        notes.addAll(source.notes());
        if (apart) {
            notes.addAll(reportSource.notes());
        }
        noteUnused(apart ? reportSource.name() : reportSplit);
    }

    /// Of a validation split people expect that it is used.
    private void noteUnused(String report) {
        boolean used = poolSplit.equals(ImageSource.VAL)
                || reportSource == source && reportSplit.equals(ImageSource.VAL);
        if (source.splits().contains(ImageSource.VAL) && !used) {
            notes.add("%s: the split val plays no part: calibration and verification come from %s, the report from %s."
                    .formatted(source.name(), poolSplit, report));
        }
    }

    /// The first of these splits that there is, else the first split of all.
    private static String firstOf(ImageSource source, List<String> wanted) {
        return wanted.stream().filter(source.splits()::contains).findFirst().orElse(source.splits().getFirst());
    }

    /// What the roles are made of.
    ///
    /// @param data         where items come from
    /// @param test         where report items come from; `data` itself where nothing is named apart
    /// @param calibration  items, `>= 1`
    /// @param verification items, `>= 0`
    /// @param repair       items of a repair, those of the calibration among them; 0: those alone
    /// @param limit        at most so many report items, a seeded sample even over the classes; 0: all
    /// @param seed         of every draw
    /// @param allowOverlap whether roles may share items
    /// @param reading      threads, size, normalisation, progress
    public record Settings(ImageSource data, ImageSource test, int calibration, int verification, int repair, int limit,
            long seed, boolean allowOverlap, Reading reading) {
        /// A repair has the items of the calibration.
        public Settings(ImageSource data, ImageSource test, int calibration, int verification, int limit, long seed,
                boolean allowOverlap, Reading reading) {
            this(data, test, calibration, verification, 0, limit, seed, allowOverlap, reading);
        }

        public Settings {
            if (calibration < 1 || verification < 0 || limit < 0) {
                throw new UsageException(
                        "--samples must be at least 1, --verify-samples and --limit at least 0; got %d, %d and %d"
                                .formatted(calibration, verification, limit));
            }
        }

        /// 128 items to calibrate, 1,024 to verify, all to report, seed 0.
        public static Settings of(ImageSource data, Reading reading) {
            return new Settings(data, data, 128, 1024, 0, 0, false, reading);
        }

        public Settings withTest(ImageSource other) {
            return new Settings(data, other, calibration, verification, repair, limit, seed, allowOverlap, reading);
        }

        public Settings withCounts(int calibrate, int verify, int atMost) {
            return new Settings(data, test, calibrate, verify, repair, atMost, seed, allowOverlap, reading);
        }

        /// @param items of a repair
        public Settings withRepair(int items) {
            return new Settings(data, test, calibration, verification, items, limit, seed, allowOverlap, reading);
        }

        public Settings withSeed(long other) {
            return new Settings(data, test, calibration, verification, repair, limit, other, allowOverlap, reading);
        }

        public Settings withOverlapAllowed(boolean allowed) {
            return new Settings(data, test, calibration, verification, repair, limit, seed, allowed, reading);
        }
    }

    /// Opens the data and decodes all three roles.
    ///
    /// @throws OverlapException where roles share items that `allowOverlap` does not let pass
    /// @throws IOException      where data cannot be read, or there is nothing to calibrate with
    public static DataRoles open(Settings settings) throws IOException {
        return new ImageRoles(settings).roles();
    }

    /// Decodes the report items alone, the same ones {@link #open} gives; of a validation split that stands alone, all.
    public static Noted<ImageSet> report(Settings settings) throws IOException {
        var roles = new ImageRoles(settings);
        return new Noted<>(roles.report(roles.cut && POOLS.contains(roles.poolSplit)), roles.reportSource.notes());
    }

    /// Decodes what there is to train on: what the source has besides the report, without the items (judged by their
    /// pixels) that these roles report or verify with.
    ///
    /// @param most at most so many, a seeded sample even over the classes; 0: all
    /// @throws IOException where data cannot be read, or nothing is left
    public static ImageSet training(Settings settings, DataRoles roles, int most) throws IOException {
        return new ImageRoles(settings).training(roles, most);
    }

    private ImageSet training(DataRoles roles, int most) throws IOException {
        int[] labels = source.labels(poolSplit);
        var parts = cut ? Sampling.cut(labels, settings.seed()) : List.of(IntStream.range(0, labels.length).toArray());
        int[] items = parts.size() == 1
                ? parts.getFirst()
                : IntStream.concat(IntStream.of(parts.get(0)), IntStream.of(parts.get(1))).toArray();
        var elsewhere = new HashSet<>(roles.report().itemHashes());
        elsewhere.addAll(roles.verification().itemHashes());
        var left = most == 0 ? usable(items, elsewhere) : drawn(items, elsewhere, most);
        if (left.size() == 0) {
            throw new IOException("[%s] leaves no %s to train on. Lower --verify-samples, or name more with --data"
                    .formatted(source.name(), source.items()));
        }
        return left.named("%s, %s, %,d %s%s".formatted(source.name(), poolSplit, left.size(), source.items(),
                most == 0 ? "" : " sampled with seed %d".formatted(settings.seed())));
    }

    /// Those that are in no other role.
    private ImageSet usable(int[] items, Set<String> elsewhere) throws IOException {
        var pool = source.decode(poolSplit, items, settings.reading());
        var hashes = pool.itemHashes();
        return pool.select("",
                IntStream.range(0, pool.size()).filter(i -> !elsewhere.contains(hashes.get(i))).toArray());
    }

    /// The next in the seeded order stands in for one that is in another role.
    private ImageSet drawn(int[] items, Set<String> elsewhere, int most) throws IOException {
        int[] labels = source.labels(poolSplit);
        int[] order = Sampling.order(IntStream.of(items).map(i -> labels[i]).toArray(),
                SplitMix.mix(settings.seed(), TRAINING));
        var taken = source.decode(poolSplit, new int[0], settings.reading());
        for (int from = 0; taken.size() < most && from < order.length;) {
            int to = Math.min(order.length, from + most - taken.size());
            var fresh = usable(IntStream.range(from, to).map(i -> items[order[i]]).toArray(), elsewhere);
            taken = taken.size() == 0 ? fresh : taken.followedBy(fresh);
            from = to;
        }
        return taken;
    }

    private DataRoles roles() throws IOException {
        if (cut && poolSplit.equals(ImageSource.TEST)) {
            throw new IOException(
                    "[%s] has only the split '%s', so there is nothing to calibrate with. Name training data with --data and this with --test."
                            .formatted(source.name(), poolSplit));
        }
        if (cut && !POOLS.contains(poolSplit)) {
            notes.add("%s has the split '%s' alone: 70 %% of it calibrate, 10 %% verify, 20 %% are reported."
                    .formatted(source.name(), poolSplit));
        }
        var report = report(cut);
        int[] labels = source.labels(poolSplit);
        var draw = new Draw(source, poolSplit, settings, report);
        var parts = cut ? Sampling.cut(labels, settings.seed()) : List.of(IntStream.range(0, labels.length).toArray());
        var first = draw.order(parts.getFirst());
        var second = cut ? draw.order(parts.get(1)) : first;
        var calibration = draw.take(first, cut ? settings.calibration() : calibrationOf(labels.length));
        var verification = draw.take(second, settings.verification());
        var repair = settings.repair() == 0
                ? new RepairData(calibration, verification)
                : repair(calibration, verification,
                        count -> draw.take(first, count), count -> draw.take(second, count));
        notes.addAll(draw.notes());
        checkUsable(calibration, verification, report);
        return new DataRoles(calibration, repair, verification, report, notes).checked(settings.allowOverlap());
    }

    /// Draws further items.
    private interface Further {
        ImageSet take(int count) throws IOException;
    }

    /// The calibration items and further ones; and some that verify nothing, one for five, or where there are none the
    /// verification items.
    private RepairData repair(ImageSet calibration, ImageSet verification, Further fit, Further check)
            throws IOException {
        if (settings.repair() < calibration.size()) {
            return new RepairData(new Stretch(calibration, 0, settings.repair()), checked(verification, check));
        }
        int more = settings.repair() - calibration.size();
        var further = fit.take(more);
        var all = further.size() == 0 ? calibration : calibration.followedBy(further);
        noteFewer("repair", all.size(), settings.repair());
        return new RepairData(
                all.named(
                        "%s, %s, %,d %s of the repair".formatted(source.name(), poolSplit, all.size(), source.items())),
                checked(verification, check));
    }

    private ImageSet checked(ImageSet verification, Further check) throws IOException {
        var found = check.take(Math.ceilDiv(settings.repair(), RepairData.FIT_FOR_CHECK));
        if (found.size() == 0) {
            notes.add(
                    "%s: no %s are left to check the repair with but those that verify.".formatted(source.name(),
                            source.items()));
        }
        return found.size() == 0 ? verification : found;
    }

    /// All that is asked for, but where items are few at most half of them, so that some are left to verify.
    private int calibrationOf(int items) {
        boolean enough = items >= (long) settings.calibration() + settings.verification()
                || settings.verification() == 0;
        return enough ? settings.calibration() : Math.min(settings.calibration(), Math.ceilDiv(items, 2));
    }

    private void checkUsable(ImageSet calibration, ImageSet verification, ImageSet report) throws IOException {
        if (calibration.size() == 0) {
            throw new IOException(
                    "[%s] leaves no %s to calibrate with. Maybe it is too small; name more with --data."
                            .formatted(source.name(), source.items()));
        }
        if (!calibration.form().shape().equals(report.form().shape())) {
            throw new IOException(
                    "[%s] is %s, but [%s] is %s. Images must be of one size; --resize N --crop N makes them so."
                            .formatted(calibration.name(), calibration.form().words(), report.name(),
                                    report.form().words()));
        }
        noteFewer("calibrate", calibration.size(), settings.calibration());
        noteFewer("verify", verification.size(), settings.verification());
    }

    private void noteFewer(String purpose, int got, int asked) {
        if (got < asked) {
            notes.add("%s: only %,d %s to %s with, %,d were wanted.".formatted(source.name(), got, source.items(),
                    purpose,
                    asked));
        }
    }

    /// @param part whether it is the part that was cut for it
    private ImageSet report(boolean part) throws IOException {
        int[] labels = reportSource.labels(reportSplit);
        int[] items = part ? Sampling.cut(labels, settings.seed()).get(2) : IntStream.range(0, labels.length).toArray();
        int of = items.length;
        if (settings.limit() > 0 && settings.limit() < of) {
            int[] all = items;
            int[] chosen = Sampling.stratified(IntStream.of(all).map(i -> labels[i]).toArray(), settings.limit(),
                    settings.seed());
            items = IntStream.of(chosen).map(i -> all[i]).toArray();
        }
        String what = part ? "held-out part of " + reportSource.name() : reportSource.name() + ", " + reportSplit;
        String count = items.length == of
                ? "%,d %s".formatted(of, reportSource.items())
                : "%,d of %,d %s drawn with seed %d".formatted(items.length, of, reportSource.items(), settings.seed());
        return reportSource.decode(reportSplit, items, settings.reading()).named(what + ", " + count);
    }
}
