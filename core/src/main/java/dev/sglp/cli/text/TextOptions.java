package dev.sglp.cli.text;

import dev.sglp.cli.data.Modality;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.MemoryOption.Passes;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Noted;
import dev.sglp.data.text.TextRoles;
import dev.sglp.data.text.TextRoles.Settings;
import dev.sglp.data.text.TextRoles.Widths;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.model.work.MemorySize;
import dev.sglp.repair.RepairTask;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How text is cut.
@Under(Heading.DATA)
public final class TextOptions implements Modality {
    /// Windows to calibrate on, of text that is predicted, where nobody says it.
    public static final int SAMPLES = 4;
    /// Where a window is one example.
    private static final int TEXTS = 16;
    /// Windows that a repair is fitted on where nobody says it.
    public static final int REPAIR = 50;
    private static final int BATCH = 32;
    private static final int STEP = 8;
    private static final int CALIBRATION_WINDOW = 128;
    /// Wider ones cost more for the same number of tokens.
    private static final int VERIFY_WINDOW = 512;

    @Option(names = "--window", paramLabel = "W", description = "text: tokens a window of the report; 0: the default (default: the model's context, at most 2048)")
    private int window = 0;

    @Option(names = "--calibration-window", paramLabel = "W", description = "text: tokens a window of the calibration (default: 128, or --window where that is less)")
    private @Nullable Integer calibrationWindow;

    @Option(names = "--verify-window", paramLabel = "W", description = "text: tokens a window of the verification (default: --window, at most 512 or --calibration-window)")
    private @Nullable Integer verifyWindow;

    private int usual = SAMPLES;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public TextOptions() {}

    /// @param windows to calibrate on, of text that is predicted, where nobody says it
    public void standard(int windows) {
        usual = windows;
    }

    @Override
    public String takes() {
        return "text";
    }

    @Override
    public String verb() {
        return "reads";
    }

    @Override
    public int usualBatch(ModelFile file) {
        return BATCH;
    }

    @Override
    public boolean reportsInBatches() {
        return false;
    }

    @Override
    public boolean healedInStudies() {
        return false;
    }

    @Override
    public String[] flags() {
        return new String[]{"--window", "--calibration-window", "--verify-window"};
    }

    @Override
    public DataRoles roles(ModelFile file, Request request) throws IOException {
        remark(file).ifPresent(request.around().progress()::say);
        return TextRoles.open(settings(file, request));
    }

    /// Windows as wide as those of the verification.
    @Override
    public Noted<TextWindows> training(ModelFile file, Request request, Wanted wanted) throws IOException {
        var settings = settings(file, request, trainingWidths(file));
        var from = wanted.from();
        if (from.data().isEmpty()) {
            var rest = HealingText.some(TextRoles.training(settings), wanted.most(), wanted.tokens());
            return packed(wanted.chosen() == null ? rest : noted(rest, request), wanted);
        }
        var texts = TextRoles.apart(settings, from.data(), chosenOn(wanted, request));
        var mixed = HealingText.mixed(texts.stream().map(Noted::items).toList(), from.weights(), wanted.tokens());
        var found = HealingText.some(mixed, wanted.most(), wanted.tokens());
        return packed(new Noted<>(found.items(), Stream.concat(texts.stream().flatMap(text -> text.notes().stream()),
                found.notes().stream()).toList()), wanted);
    }

    private static List<DataSpec> chosenOn(Wanted wanted, Request request) {
        return wanted.chosen() == null
                ? List.of()
                : Stream.concat(Stream.of(request.data()), wanted.chosen().texts().stream()).toList();
    }

    private static Noted<TextWindows> noted(Noted<TextWindows> rest, Request request) {
        var note = "It is healed on what %s holds besides verification and report: the calibration's lines are among it (--heal-data names others)."
                .formatted(request.data());
        return new Noted<>(rest.items(), Stream.concat(rest.notes().stream(), Stream.of(note)).toList());
    }

    private static Noted<TextWindows> packed(Noted<TextWindows> found, Wanted wanted) {
        if (!wanted.packed()) {
            return found;
        }
        if (!found.items().packs()) {
            throw new UsageException(
                    "--pack documents is for documents (jsonl:, chat:) of language models that predict the next token; [%s] is none of that"
                            .formatted(found.items().source()));
        }
        var packed = found.items().packed();
        var note = "%s: %,d documents and windows of them stand in %,d windows of up to %,d tokens, and none sees another."
                .formatted(packed.source(), found.items().size(), packed.size(), packed.window());
        return new Noted<>(packed, Stream.concat(found.notes().stream(), Stream.of(note)).toList());
    }

    private Widths trainingWidths(ModelFile file) {
        var usual = widths(file);
        return new Widths(usual.verification(), usual.verification(), usual.report());
    }

    @Override
    public int usualStep(ModelFile file) {
        return STEP;
    }

    /// `count` calibration samples of `request.samples()` windows that share none.
    public List<TextWindows> samples(ModelFile file, Request request, int count) throws IOException {
        return TextRoles.samples(settings(file, request), count);
    }

    /// Tokens a window of calibration.
    public int calibrationWindow(ModelFile file) {
        int report = window(file);
        return asked("--calibration-window", calibrationWindow, report).orElse(Math.min(CALIBRATION_WINDOW, report));
    }

    /// Tokens of a forward pass: at the most a window of the report, or a batch of the calibration.
    ///
    /// @param samples windows to calibrate on; absent: as many as are usual
    public Passes passes(ModelFile file, int batch, @Nullable Integer samples) {
        int windows = samples == null ? predicts(file) ? usual : TEXTS : samples;
        long most = (long) Math.min(batch, windows) * calibrationWindow(file);
        return new Passes(Math.max(window(file), most), windows <= batch ? most : 0);
    }

    private Widths widths(ModelFile file) {
        int report = window(file);
        int calibration = calibrationWindow(file);
        int usual = Math.max(calibration, Math.min(VERIFY_WINDOW, report));
        return new Widths(calibration, asked("--verify-window", verifyWindow, report).orElse(usual), report);
    }

    private static OptionalInt asked(String flag, @Nullable Integer width, int report) {
        if (width == null) {
            return OptionalInt.empty();
        }
        if (width < 2 || width > report) {
            throw new UsageException(
                    "%s is from 2 tokens to the report's window (--window), %d; got %d".formatted(flag, report, width));
        }
        return OptionalInt.of(width);
    }

    @Override
    public void check(ModelFile file, List<DataSpec> specs) {
        widths(file);
    }

    private Settings settings(ModelFile file, Request request) throws IOException {
        return settings(file, request, widths(file));
    }

    private Settings settings(ModelFile file, Request request, Widths widths) throws IOException {
        var counts = request.counts();
        return new Settings(request.data(), test(request), ModelTokenizer.reading(file), widths,
                counts.samples(predicts(file) ? usual : TEXTS), counts.verify(),
                counts.repair() == null ? repaired(file, widths, request) : counts.repair(REPAIR),
                request.repairOn(), counts.limit(), request.seed(),
                request.allowOverlap());
    }

    /// Windows to fit a repair on where nobody says how many: fewer than is usual where layers are read from the file and more have no room in
    /// what --memory says. What happens to be free decides nothing: the same command makes the same network.
    private static int repaired(ModelFile file, Widths widths, Request request) throws IOException {
        if (Streaming.of(file).isEmpty() || !request.around().given().has("--memory")) {
            return REPAIR;
        }
        try (var weights = file.forReading()) {
            int fits = RepairTask.fits(file.architecture().build(weights), widths.verification(), REPAIR);
            if (fits == REPAIR || fits <= request.repairOn().size()) { // too few: said where the repair is checked
                return REPAIR;
            }
            request.around().progress().say(
                    "A repair is fitted on %d windows of %,d tokens, as many as %s has room for, instead of %d (--repair-samples)."
                            .formatted(fits, widths.verification(), MemorySize.typed(file.memory()), REPAIR));
            return fits;
        }
    }

    /// Whether a window is many examples: each of its tokens is predicted.
    public static boolean predicts(ModelFile file) {
        return file.architecture().input() instanceof Architecture.Input.Text text && text.predicts();
    }

    private static DataSpec test(Request request) {
        return request.test() == null ? request.data() : request.test();
    }

    /// The whole of a file, from its start.
    @Override
    public Noted<TextWindows> report(ModelFile file, Request request) throws IOException {
        remark(file).ifPresent(request.around().progress()::say);
        return TextRoles.noted(test(request), ModelTokenizer.reading(file), window(file), request.counts().limit());
    }

    /// The whole of another file, from its start.
    ///
    /// @param limit windows; 0 for all
    public Noted<TextWindows> report(ModelFile file, DataSpec text, int limit) throws IOException {
        return TextRoles.noted(text, ModelTokenizer.reading(file), window(file), limit);
    }

    /// What is unusual about the windows; empty where nothing is.
    private Optional<String> remark(ModelFile file) {
        int width = window(file);
        return file.architecture().input() instanceof Architecture.Input.Text text && width > text.context()
                ? Optional.of(
                        "--window %,d is longer than the %,d tokens the model was made for: what it predicts beyond them is worth little"
                                .formatted(width, text.context()))
                : Optional.empty();
    }

    private int window(ModelFile file) {
        if (window == 0 && file.architecture().input() instanceof Architecture.Input.Text text) {
            return text.window();
        }
        if (window < 2) {
            throw new UsageException("--window is at least 2 tokens, got " + window);
        }
        if (file.architecture().input() instanceof Architecture.Input.Text text && text.finite()
                && window > text.context()) {
            throw new UsageException("--window %,d is longer than the %,d positions that the network has learned"
                    .formatted(window, text.context()));
        }
        return window;
    }
}
