package dev.sglp.data.text;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Windows of tokens. A text is tokenised whole and cut into consecutive windows from its start; a last short one is left
/// out. A document of JSON lines is cut alone, its last window may be short and is padded on the right. The first token of
/// a window is not predicted; where the tokenizer asks for a BOS, each window begins with one, which takes the place of a
/// token. Of a conversation, which says itself how it begins, the answers alone are predicted, and a window without one is left out. A network that reads texts whole gets windows with all that its tokenizer puts around a text. Where tokens are masked
/// ({@link Masking}), those are predicted and no others.
public final class TextWindows implements Dataset {
    private static final LongUnaryOperator ALWAYS = window -> window; // the same in every run

    private final String source;
    private final Windowed windowed;
    private final int[] windows; // which of them
    private final List<String> hashes;
    private final Device device;
    private final LongUnaryOperator draws; // what of a window is masked, by its number

    private TextWindows(String source, Windowed windowed, int[] windows, List<String> hashes, Device device,
            LongUnaryOperator draws) {
        this.draws = draws;
        this.device = device;
        this.source = source;
        this.windowed = windowed;
        this.windows = windows;
        this.hashes = List.copyOf(hashes);
    }

    /// Tokenises lines and cuts them.
    ///
    /// @param window tokens a window, with the BOS if there is one; at least 2
    static TextWindows of(Passage passage, Tokenizer tokenizer, int window) {
        return of(passage, tokenizer, window, !tokenizer.frame().whole());
    }

    /// The same.
    ///
    /// @param rests whether the last window of a document may be short
    static TextWindows of(Passage passage, Tokenizer tokenizer, int window, boolean rests) {
        var windowed = Windowed.of(passage, tokenizer, window, rests);
        int[] all = IntStream.range(0, windowed.size()).toArray();
        return new TextWindows(passage.name(), windowed, all, passage.hashes(), Device.CPU, ALWAYS);
    }

    /// Some of these windows, in this order.
    public TextWindows select(String named, int... chosen) {
        int[] selected = Arrays.stream(chosen).map(i -> windows[i]).toArray();
        return new TextWindows(named, windowed, selected, hashes, device, draws);
    }

    @Override
    public TextWindows on(Device other) {
        return other.equals(device) ? this : new TextWindows(source, windowed, windows, hashes, other, draws);
    }

    @Override
    public boolean draws() {
        return windowed.frame().mask().isPresent();
    }

    @Override
    public TextWindows drawn(long seed) {
        return new TextWindows(source, windowed, windows, hashes, device, window -> SplitMix.mix(seed, window));
    }

    /// All windows of several texts, which were cut in the same way.
    public static TextWindows joined(String named, List<TextWindows> texts) {
        var all = Windowed.joined(texts.stream().map(text -> new Windowed.Some(text.windowed, text.windows)).toList());
        return new TextWindows(named, all, IntStream.range(0, all.size()).toArray(),
                texts.stream().flatMap(text -> text.hashes.stream()).toList(), texts.getFirst().device,
                ALWAYS);
    }

    /// The same, one window of each text in turn while it has any.
    static TextWindows inTurn(List<TextWindows> texts) {
        var first = new int[texts.size()];
        for (int i = 1; i < first.length; i++) {
            first[i] = first[i - 1] + texts.get(i - 1).size();
        }
        int longest = texts.stream().mapToInt(TextWindows::size).max().orElse(0);
        int[] order = IntStream.range(0, longest).flatMap(turn -> IntStream.range(0, texts.size())
                .filter(i -> turn < texts.get(i).size()).map(i -> first[i] + turn)).toArray();
        var named = texts.stream().map(TextWindows::source).collect(Collectors.joining(" and "));
        return joined(named, texts).select(named, order);
    }

    /// The same with as many documents in a window as fit, none of which sees another or is predicted from it.
    ///
    /// @throws IllegalArgumentException where tokens are masked, or each window is a text of its own
    public TextWindows packed() {
        if (windowed.frame().whole()) {
            throw new IllegalArgumentException("a network that reads texts whole sees all of a window");
        }
        var all = windowed.packed(windows);
        return new TextWindows(source, all, IntStream.range(0, all.size()).toArray(), hashes, device, ALWAYS);
    }

    /// Whether they are documents, or parts of them, some of which leave room for others.
    public boolean packs() {
        return !windowed.frame().whole()
                && windowed.ids().length < (long) windowed.size() * (windowed.width() - windowed.frame().size());
    }

    /// What the windows are cut from.
    public String source() {
        return source;
    }

    /// The source, how many windows of how many, of how many tokens, and the BOS rule.
    @Override
    public String name() {
        int all = windowed.size();
        var count = windows.length == all ? "%,d".formatted(all) : "%,d of %,d".formatted(windows.length, all);
        return "%s, %s windows of %,d tokens, %s".formatted(source, count, windowed.width(), windowed.words());
    }

    @Override
    public int size() {
        return windows.length;
    }

    /// Most tokens a window, with the BOS if there is one.
    public int window() {
        return windowed.width();
    }

    /// Tokens of the text or the documents that stand in no window.
    public int leftOut() {
        return windowed.leftOut();
    }

    /// How many tokens all windows have together.
    public long total() {
        return places(0, size());
    }

    /// How many tokens are predicted in all windows together.
    public long predicted() {
        return answers(0, size());
    }

    @Override
    public long answers(int from, int to) {
        return Arrays.stream(windows, from, to).mapToLong(i -> windowed.frame().mask().isPresent()
                ? masking(i).count()
                : windowed.predicted(i)).sum();
    }

    /// The tokens of one window, with the BOS if there is one.
    public int[] tokens(int item) {
        return windowed.tokens(windows[Objects.checkIndex(item, size())]);
    }

    @Override
    public long places(int from, int to) {
        return Arrays.stream(windows, from, to).mapToLong(windowed::length).sum();
    }

    @Override
    public Batch batch(int from, int to) {
        Objects.checkFromToIndex(from, to, size());
        return pick(IntStream.range(from, to).toArray());
    }

    /// As wide as the longest of these windows.
    @Override
    public Batch pick(int... items) {
        int[][] rows = Arrays.stream(items).mapToObj(this::tokens).toArray(int[][]::new);
        int width = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
        long[] inputs = new long[rows.length * width];
        long[] targets = new long[rows.length * width];
        long[] padding = new long[rows.length * width];
        Arrays.fill(inputs, windowed.pad());
        Arrays.fill(targets, Batch.NO_TARGET);
        Arrays.fill(padding, 1);
        boolean padded = false;
        for (int r = 0; r < rows.length; r++) {
            for (int t = 0; t < rows[r].length; t++) {
                inputs[r * width + t] = rows[r][t];
                padding[r * width + t] = 0;
                if (windowed.predicts(windows[items[r]], t)) {
                    targets[r * width + t - 1] = rows[r][t];
                }
            }
            if (windowed.frame().mask().isPresent()) {
                masking(windows[items[r]]).put(inputs, targets, r * width, width);
            }
            padded |= rows[r].length < width;
        }
        return new Batch(matrix(inputs, width), matrix(targets, width), padded
                ? Optional.of(Scope.yield(() -> matrix(padding, width).to(ScalarType.Bool)))
                : Optional.empty(),
                windowed.begins().isEmpty()
                        ? List.of()
                        : Arrays.stream(items).mapToObj(i -> windowed.documents(windows[i])).toList())
                .on(device);
    }

    private Masking masking(int window) {
        var frame = windowed.frame();
        return Masking.of(draws.applyAsLong(window), frame.before().size(),
                windowed.length(window) - frame.after().size(),
                frame.mask().getAsInt());
    }

    private static Tensor matrix(long[] values, int width) { // [B, T]
        return Scope.yield(() -> Tensors.longs(values).view(values.length / Math.max(1, width), width));
    }

    /// None: every token is a class.
    @Override
    public List<String> classes() {
        return List.of();
    }

    /// Hashes of the lines or documents that the windows are drawn from, those of at least 40 characters: shorter ones
    /// (headings, list items) occur in any two texts.
    @Override
    public List<String> itemHashes() {
        return hashes;
    }

    /// Of the tokens, those that are not predicted as their negatives: other windows of the same text share its lines.
    @Override
    public String digest() {
        var bytes = ByteBuffer
                .allocate(Integer.BYTES * IntStream.range(0, size()).map(i -> tokens(i).length + 1).sum());
        for (int i = 0; i < size(); i++) {
            int[] tokens = tokens(i);
            bytes.putInt(tokens.length);
            for (int t = 0; t < tokens.length; t++) {
                bytes.putInt(t == 0 || windowed.predicts(windows[i], t) ? tokens[t] : ~tokens[t]);
            }
        }
        return Dataset.digest(bytes.array());
    }
}
