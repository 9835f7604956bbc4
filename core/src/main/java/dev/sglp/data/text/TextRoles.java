package dev.sglp.data.text;

import dev.sglp.data.DataRoles;
import dev.sglp.data.DataRoles.RepairData;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Noted;
import dev.sglp.data.OverlapException;
import dev.sglp.data.Spread;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Decides which lines of text play which role, before any window is cut.
///
/// One file is cut at line ends into contiguous parts of 70, 10 and 20 % of its characters: calibration, verification,
/// report. Where report data are named apart, the report is all of them, and the other file is cut 7 to 1. Lines of at
/// least 40 characters that occur in two roles are left out of the earlier one while they are few (at most one in a
/// hundred), else the data are refused.
public final class TextRoles {
    private static final double[] ONE_FILE = {0.7, 0.8};
    private static final double[] TWO_FILES = {0.875};
    private static final int VERIFY_TOKENS = 8192;
    private static final String LATER = "the verification or the report";
    private static final Purpose CALIBRATE = new Purpose("calibrate with", "--calibration-window", "text");
    private static final Purpose TRAIN = new Purpose("train on", "--verify-window", "text");
    private static final Purpose HEAL = new Purpose("train on", "--verify-window", "--heal-data");
    private static final Purpose REPAIR = new Purpose("repair with", "--verify-window", "text");
    private static final Purpose REPAIR_ON = new Purpose("repair with", "--verify-window", "--repair-data");
    private static final Purpose REPORT = new Purpose("report on", "--window", "text");
    private static final Purpose EVALUATE = new Purpose("evaluate on", "--window", "text");

    private final Settings settings;
    private final List<String> notes = new ArrayList<>();
    private Passage calibration;
    private Passage verification;
    private final Passage report;

    private TextRoles(Settings settings) throws IOException {
        this.settings = settings;
        var source = TextSource.open(settings.data(), settings.tokenizer());
        notes.addAll(source.notes());
        boolean apart = !settings.test().equals(settings.data());
        var parts = source.passage().cut(apart ? TWO_FILES : ONE_FILE);
        calibration = parts.get(0);
        verification = parts.get(1);
        if (apart) {
            var test = TextSource.open(settings.test(), settings.tokenizer());
            notes.addAll(test.notes());
            report = test.passage();
        } else {
            report = parts.get(2).named("held-out part of " + source.passage().name());
        }
        separate();
    }

    /// Tokens a window, each at least 2.
    ///
    /// @param calibration  of those that plans are chosen on
    /// @param verification of those that the best plans are compared on
    /// @param report       of those that figures are measured on
    public record Widths(int calibration, int verification, int report) {
        public Widths {
            if (calibration < 2 || verification < 2 || report < 2) {
                throw new UsageException(
                        "--calibration-window, --verify-window and --window are at least 2 tokens, got %d, %d and %d"
                                .formatted(calibration, verification, report));
            }
        }
    }

    /// What the roles are made of.
    ///
    /// @param data          where lines come from: `text:` or `jsonl:`
    /// @param test          where report lines come from; `data` itself where nothing is named apart
    /// @param tokenizer     of the model
    /// @param windows       how many tokens a window has
    /// @param calibration   windows, at least 1
    /// @param verification  windows, at least 0; absent: 8,192 tokens, or twice those of the calibration where that is more
    /// @param repair        windows of a repair, as wide as those of the verification; 0: those of the calibration
    /// @param repairOn      texts among which and the calibration a repair's windows are shared out, at least one of each
    /// @param limit         the first so many report windows; 0: all
    /// @param seed          which calibration sample: samples of consecutive seeds share no window while there are enough
    /// @param allowOverlap  whether roles may share lines
    public record Settings(DataSpec data, DataSpec test, Tokenizer tokenizer, Widths windows, int calibration,
            @Nullable Integer verification, int repair, List<DataSpec> repairOn, int limit, long seed,
            boolean allowOverlap) {
        /// A repair has the windows of the calibration.
        public Settings(DataSpec data, DataSpec test, Tokenizer tokenizer, Widths windows, int calibration,
                @Nullable Integer verification, int limit, long seed, boolean allowOverlap) {
            this(data, test, tokenizer, windows, calibration, verification, 0, List.of(), limit, seed, allowOverlap);
        }

        public Settings {
            if (calibration < 1 || verification != null && verification < 0 || limit < 0) {
                throw new UsageException(
                        "--samples must be at least 1, --verify-samples and --limit at least 0; got %d, %s and %d"
                                .formatted(calibration, verification == null ? "the default" : verification, limit));
            }
            if (repair > 0 && repair <= repairOn.size()) {
                throw new UsageException(
                        "--repair-samples %d: --data and %d texts of --repair-data are %d, and each has a window at least"
                                .formatted(repair, repairOn.size(), repairOn.size() + 1));
            }
        }

        /// 16 windows to calibrate, 64 to verify, all to report, seed 0.
        public static Settings of(DataSpec data, Tokenizer tokenizer, int window) {
            return new Settings(data, data, tokenizer, new Widths(window, window, window), 16, 64, 0, 0, false);
        }

        public Settings withTest(DataSpec other) {
            return new Settings(data, other, tokenizer, windows, calibration, verification, repair, repairOn,
                    limit, seed, allowOverlap);
        }

        public Settings withCounts(int calibrate, int verify, int atMost) {
            return new Settings(data, test, tokenizer, windows, calibrate, verify, repair, repairOn,
                    atMost, seed, allowOverlap);
        }

        /// @param windows of a repair
        /// @param texts   that it is fitted on besides
        public Settings withRepair(int windows, DataSpec... texts) {
            return new Settings(data, test, tokenizer, this.windows, calibration, verification, windows, List.of(texts),
                    limit, seed, allowOverlap);
        }

        public Settings withSeed(long other) {
            return new Settings(data, test, tokenizer, windows, calibration, verification, repair, repairOn,
                    limit, other, allowOverlap);
        }

        public Settings withOverlapAllowed(boolean allowed) {
            return new Settings(data, test, tokenizer, windows, calibration, verification, repair, repairOn,
                    limit, seed, allowed);
        }
    }

    /// Reads the files and makes all three roles.
    ///
    /// @throws OverlapException where roles share lines that `allowOverlap` does not let pass
    /// @throws IOException      where data cannot be read, or hold no window to calibrate or report with
    public static DataRoles open(Settings settings) throws IOException {
        return new TextRoles(settings).roles();
    }

    /// Every window of the calibration part, to train on.
    ///
    /// @throws IOException as {@link #open}
    public static TextWindows training(Settings settings) throws IOException {
        var roles = new TextRoles(settings);
        return windows(roles.calibration, settings.tokenizer(), settings.windows().calibration(), TRAIN);
    }

    /// Windows of other texts to train on, as wide as those of the calibration, without what also stands in another role.
    ///
    /// @param chosen texts that a choice and its repair were made on: those of the settings and of the repair; none where nothing was chosen
    /// @throws OverlapException where more than a few lines do, unless `allowOverlap` lets them pass
    /// @throws IOException      as {@link #open}
    public static List<Noted<TextWindows>> apart(Settings settings, List<DataSpec> from, List<DataSpec> chosen)
            throws IOException {
        var roles = new TextRoles(settings);
        var others = roles.later();
        for (var spec : chosen) {
            others.addAll(TextSource.open(spec, settings.tokenizer()).passage().telling());
        }
        var where = chosen.isEmpty() ? LATER : "the calibration, the repair's data, " + LATER;
        var all = new ArrayList<Noted<TextWindows>>();
        for (var spec : from) {
            all.add(roles.apart(TextSource.open(spec, settings.tokenizer()),
                    new Fourth("healing", HEAL, settings.windows().calibration(), others, where)));
        }
        return all;
    }

    /// What tells the lines of the report and the verification.
    private Set<String> later() {
        var all = new HashSet<>(report.telling());
        all.addAll(verification.telling());
        return all;
    }

    /// What windows are for.
    ///
    /// @param width the flag that says how wide they are
    /// @param text  what they are cut from, or the flag that names it
    private record Purpose(String words, String width, String text) {}

    /// @param width  of its windows
    /// @param others what tells the lines of roles that it may not share
    /// @param where  the words for these
    private record Fourth(String role, Purpose purpose, int width, Set<String> others, String where) {}

    private Noted<TextWindows> apart(TextSource source, Fourth fourth) throws IOException {
        var passage = source.passage();
        var notes = new ArrayList<>(source.notes());
        if (settings.allowOverlap()) {
            long shared = passage.shared(fourth.others);
            if (shared > 0) {
                notes.add(
                        "%,d of %,d %s items (%s) also stand in %s. %s"
                                .formatted(shared, passage.hashes().size(), fourth.role, passage.name(), fourth.where,
                                        OverlapException.ALLOWED));
            }
        } else {
            passage.checkShared(fourth.others, fourth.where,
                    "Name other data with %s; --allow-overlap goes on, and the report says so."
                            .formatted(fourth.purpose.text));
            passage = passage.without(fourth.others);
            int out = source.passage().lines().size() - passage.lines().size();
            if (out > 0) {
                notes.add("%s: %,d %s that also stand in %s are left out.".formatted(passage.name(), out,
                        passage.documents() ? "documents" : "lines", fourth.where));
            }
        }
        return new Noted<>(windows(passage, settings.tokenizer(), fourth.width, fourth.purpose), notes);
    }

    /// Calibration samples that share no window: the one {@link #open} gives and those of the seeds after it.
    ///
    /// @throws IOException as {@link #open}, and where there are too few windows
    public static List<TextWindows> samples(Settings settings, int count) throws IOException {
        var roles = new TextRoles(settings);
        var pool = windows(roles.calibration, settings.tokenizer(), settings.windows().calibration(), CALIBRATE);
        if ((long) count * settings.calibration() > pool.size()) {
            throw new IOException(
                    "[%s] has %,d windows of %,d tokens to calibrate with; %d samples of %,d that share none need %,d. Lower --samples, --sizes, --repeats or --draws, or name more text"
                            .formatted(roles.calibration.name(), pool.size(), settings.windows().calibration(), count,
                                    settings.calibration(), (long) count * settings.calibration()));
        }
        return IntStream.range(0, count).mapToObj(i -> roles.sample(pool, settings.seed() + i)).toList();
    }

    /// All of one file: its windows from the start, the first `limit` of them (0: all).
    ///
    /// @throws IOException where it cannot be read or holds no window
    public static TextWindows all(DataSpec data, Tokenizer tokenizer, int window, int limit) throws IOException {
        return noted(data, tokenizer, window, limit).items();
    }

    /// The same, with what people should know of it.
    ///
    /// @throws IOException as {@link #all}
    public static Noted<TextWindows> noted(DataSpec data, Tokenizer tokenizer, int window, int limit)
            throws IOException {
        var source = TextSource.open(data, tokenizer);
        return new Noted<>(first(windows(source.passage(), tokenizer, window, EVALUATE), limit), source.notes());
    }

    private DataRoles roles() throws IOException {
        var tokenizer = settings.tokenizer();
        var widths = settings.windows();
        var pool = windows(calibration, tokenizer, widths.calibration(), CALIBRATE);
        noteFewer(calibration.name(), "calibrate", pool.size(), settings.calibration());
        var calibrating = sample(pool, settings.seed());
        var toVerify = TextWindows.of(verification, tokenizer, widths.verification());
        int wanted = toVerify(toVerify, calibrating);
        noteFewer(calibration.name(), "verify", toVerify.size(), wanted);
        var verifying = toVerify.select(verification.name() + ", verification part",
                Spread.even(toVerify.size(), wanted));
        if (verifying.size() > 0 && verifying.predicted() <= calibrating.predicted()) {
            notes.add("There are %,d tokens to verify plans on, no more than to choose them on (%,d)%s.".formatted(
                    verifying.predicted(), calibrating.predicted(),
                    toVerify.size() > verifying.size() ? ": --verify-samples takes more" : ""));
        }
        var reported = windows(report, tokenizer, widths.report(), REPORT);
        notes.add(
                "Text is tokenised whole and cut into windows of %,d tokens (of %,d to calibrate, %,d to verify), %s."
                        .formatted(widths.report(), widths.calibration(), widths.verification(),
                                around(tokenizer, report)));
        if (reported.leftOut() > 0 && !report.documents()) {
            notes.add("%s: the last %,d tokens fill no window and are left out.".formatted(report.name(),
                    reported.leftOut()));
        }
        var repair = settings.repair() == 0
                ? new RepairData(calibrating, verifying)
                : repair(toVerify, verifying.size());
        return new DataRoles(calibrating, repair, verifying, first(reported, settings.limit()), notes)
                .checked(settings.allowOverlap());
    }

    private static String around(Tokenizer tokenizer, Passage report) {
        if (!report.talks().isEmpty()) {
            return "conversations by the tokenizer's template; their answers alone are predicted";
        }
        return tokenizer.frame().whole()
                ? "of which %d stand around each: a window is a text of its own, and none is padded%s".formatted(
                        tokenizer.frame().size(),
                        tokenizer.frame().mask().isPresent() ? "; " + Masking.WORDS + ", and those are predicted" : "")
                : (tokenizer.prependsBos() ? "each with a BOS in the first place" : "without a BOS")
                        + "; a window's first token is not predicted";
    }

    /// Windows of the calibration part, as its sample is drawn; and those of the verification part that verify nothing, one for five, or where
    /// all do those that do.
    private RepairData repair(TextWindows toVerify, int verified) throws IOException {
        var fit = fit();
        var used = IntStream.of(Spread.even(toVerify.size(), verified)).boxed().collect(Collectors.toSet());
        int[] free = IntStream.range(0, toVerify.size()).filter(i -> !used.contains(i)).toArray();
        if (free.length == 0) {
            notes.add("%s: all windows verify, so the repair is checked with them.".formatted(verification.name()));
            return new RepairData(fit, toVerify.select(verification.name(), Spread.even(toVerify.size(), verified)));
        }
        int[] chosen = IntStream.of(Spread.even(free.length, Math.ceilDiv(settings.repair(), RepairData.FIT_FOR_CHECK)))
                .map(i -> free[i]).toArray();
        return new RepairData(fit, toVerify.select(verification.name() + ", check of the repair", chosen));
    }

    /// One window of each text in turn.
    private TextWindows fit() throws IOException {
        var pools = new ArrayList<>(List.of(
                windows(calibration, settings.tokenizer(), settings.windows().verification(), REPAIR)));
        for (var spec : settings.repairOn()) {
            var found = apart(TextSource.open(spec, settings.tokenizer()),
                    new Fourth("repair", REPAIR_ON, settings.windows().verification(), later(), LATER));
            notes.addAll(found.notes());
            pools.add(found.items());
        }
        var drawn = new ArrayList<TextWindows>();
        for (var pool : pools) { // the first have one more where the number does not divide
            int own = (settings.repair() + pools.size() - 1 - drawn.size()) / pools.size();
            noteFewer(pool.source(), "repair", pool.size(), own);
            drawn.add(pool.select("%s, repair, sample %d".formatted(pool.source(), settings.seed()),
                    Spread.sample(pool.size(), own, settings.seed())));
        }
        return drawn.size() == 1 ? drawn.getFirst() : TextWindows.inTurn(drawn);
    }

    /// How many of these windows to verify on: documents may be shorter than a window.
    private int toVerify(TextWindows pool, TextWindows calibrating) {
        var asked = settings.verification();
        if (asked != null) {
            return asked;
        }
        long tokens = Math.max(VERIFY_TOKENS, 2 * calibrating.total());
        double each = pool.size() == 0 ? pool.window() : pool.total() / (double) pool.size();
        return (int) Math.ceil(tokens / each);
    }

    private TextWindows sample(TextWindows pool, long seed) {
        return pool.select("%s, sample %d".formatted(calibration.name(), seed),
                Spread.sample(pool.size(), settings.calibration(), seed));
    }

    private void noteFewer(String source, String purpose, int got, int asked) {
        if (got < asked) {
            notes.add("%s: only %,d windows to %s with, %,d were wanted.".formatted(source, got, purpose, asked));
        }
    }

    private static TextWindows windows(Passage passage, Tokenizer tokenizer, int width, Purpose purpose)
            throws IOException {
        var frame = tokenizer.frame();
        boolean reports = purpose.equals(REPORT) || purpose.equals(EVALUATE);
        boolean rests = !frame.whole() || reports && frame.mask().isEmpty();
        var windows = TextWindows.of(passage, tokenizer, width, rests);
        if (windows.size() == 0) {
            throw new IOException(
                    "[%s] has %,d tokens to %s, fewer than a window of %,d. Lower %s, or name a longer %s"
                            .formatted(passage.name(), windows.leftOut(), purpose.words, width, purpose.width,
                                    purpose.text));
        }
        return windows;
    }

    private static TextWindows first(TextWindows windows, int limit) {
        return limit == 0 || limit >= windows.size()
                ? windows
                : windows.select(windows.source() + ", from the start", IntStream.range(0, limit).toArray());
    }

    /// Leaves lines out of calibration and verification that occur in a later role.
    private void separate() throws IOException {
        if (settings.allowOverlap()) {
            return;
        }
        var later = report.telling();
        int before = calibration.lines().size() + verification.lines().size();
        verification.checkShared(later, report.name() + " or in a later part of it", OverlapException.ADVICE);
        verification = verification.without(later);
        var all = later();
        calibration.checkShared(all, report.name() + " or in a later part of it", OverlapException.ADVICE);
        calibration = calibration.without(all);
        int out = before - calibration.lines().size() - verification.lines().size();
        if (out > 0) {
            notes.add("%s: %,d lines that also stand in a later part are left out.".formatted(calibration.name(), out));
        }
    }
}
