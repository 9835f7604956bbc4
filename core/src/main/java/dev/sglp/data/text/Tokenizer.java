package dev.sglp.data.text;

import dev.sglp.data.text.chat.ChatTemplate;
import dev.sglp.data.text.chat.Span;
import dev.sglp.data.text.encoding.LongText;
import dev.sglp.data.text.encoding.NativeTokenizers;
import dev.sglp.fault.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Text to token ids and back: Hugging Face's own tokenizer, made from the content of a `tokenizer.json`. Safe to use from
/// many threads; its native memory goes with it.
public final class Tokenizer {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int STRETCH = 1 << 16;
    private static final int AHEAD = 1 << 10;
    private static final String PROBE = "a";

    private final long handle;
    private final String json;
    private final int vocabulary;
    private final SpecialTokens special;
    private final OptionalInt beginning;
    private final Frame frame;
    private final @Nullable Talk talk;
    /// Whose memory this one uses; absent where it is its own.
    private final @Nullable Tokenizer owner;

    private Tokenizer(long handle, TokenizerJson json, SpecialTokens special) throws IOException {
        this.handle = handle;
        this.json = json.text();
        this.vocabulary = json.vocabulary();
        this.special = special;
        var library = NativeTokenizers.library();
        CLEANER.register(this, () -> library.deleteTokenizer(handle));
        library.disablePadding(handle);
        library.disableTruncation(handle);
        beginning = beginning(json.file());
        frame = Frame.before(beginning);
        talk = null;
        owner = null;
    }

    private Tokenizer(Tokenizer owner, Frame frame, @Nullable Talk talk) {
        this.handle = owner.handle;
        this.json = owner.json;
        this.vocabulary = owner.vocabulary;
        this.special = owner.special;
        this.beginning = owner.beginning;
        this.frame = frame;
        this.talk = talk;
        this.owner = owner;
    }

    /// Reads the template that conversations are written by, when there are some.
    @FunctionalInterface
    public interface Talk {
        ChatTemplate template() throws IOException;
    }

    /// The same, which knows how conversations are written.
    public Tokenizer talking(Talk talk) {
        return new Tokenizer(owner == null ? this : owner, frame, talk);
    }

    /// How conversations are written.
    ///
    /// @throws IOException where nothing says so, or it is not understood
    ChatTemplate chat() throws IOException {
        if (talk == null) {
            throw new IOException("the tokenizer has no chat template");
        }
        return talk.template();
    }

    /// What stands around each window.
    ///
    /// @param before tokens
    /// @param after  tokens
    /// @param whole  whether a window is a text of its own, from beginning to end
    /// @param mask   what stands where a token is to be found; empty where none is
    record Frame(List<Integer> before, List<Integer> after, boolean whole, OptionalInt mask) {
        /// Nothing.
        static final Frame NONE = before(OptionalInt.empty());

        static Frame before(OptionalInt token) {
            return new Frame(token.isPresent() ? List.of(token.getAsInt()) : List.of(), List.of(), false,
                    OptionalInt.empty());
        }

        int size() {
            return before.size() + after.size();
        }

        /// These tokens with all that stands around them.
        int[] around(int[] tokens) {
            return IntStream.concat(before.stream().mapToInt(i -> i),
                    IntStream.concat(Arrays.stream(tokens), after.stream().mapToInt(i -> i))).toArray();
        }
    }

    Frame frame() {
        return frame;
    }

    /// The same for networks that read a text whole: around each window stands all that the template puts around a text.
    ///
    /// @throws InputException where the template changes what is inside
    public Tokenizer ofWholeTexts() {
        int[] with = encode(PROBE, true);
        int[] text = encode(PROBE, false);
        int before = Collections.indexOfSubList(boxed(with), boxed(text));
        if (before < 0 || text.length == 0) {
            throw new InputException(
                    "the tokenizer's template does not put its tokens around a text, but changes it");
        }
        var all = boxed(with);
        return new Tokenizer(owner == null ? this : owner,
                new Frame(all.subList(0, before), all.subList(before + text.length, all.size()), true,
                        OptionalInt.empty()),
                talk);
    }

    /// The same, some of whose tokens are masked.
    ///
    /// @throws InputException where there is no token for it
    public Tokenizer ofMaskedTexts() {
        if (special.mask().isEmpty()) {
            throw new InputException("the tokenizer names no mask token, and a masked language model needs one");
        }
        var around = ofWholeTexts().frame;
        return new Tokenizer(owner == null ? this : owner,
                new Frame(around.before, around.after, true, special.mask()), talk);
    }

    /// The tokens of a text with all that stands around it.
    ///
    /// @param most tokens, those around it too: what is beyond is left out
    public int[] whole(String text, int most) {
        int[] own = encode(text);
        return frame.around(Arrays.copyOf(own, Math.min(own.length, Math.max(0, most - frame.size()))));
    }

    /// @throws IOException where the library does not take the file
    static Tokenizer of(TokenizerJson json, SpecialTokens special) throws IOException {
        try {
            return new Tokenizer(NativeTokenizers.library().createTokenizerFromString(json.text()), json, special);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            throw new IOException("[%s] is not a usable tokenizer: %s".formatted(json.file(), e.getMessage()), e);
        }
    }

    /// Token ids, without a BOS or anything else that the text does not say. Special tokens written out in the text are
    /// read as such.
    ///
    /// @throws InputException where the text has half a surrogate pair
    public int[] encode(String text) {
        checkPairs(text);
        return new LongText(part -> encode(part, false), STRETCH, AHEAD).encode(text);
    }

    /// Tokens, and which of them stand for some spans of the text.
    record Encoded(int[] tokens, BitSet spanned) {}

    /// The tokens of a text as {@link #encode} gives them, and those from the first to the last that has a character of a span; but blanks behind
    /// a special token at its end, which nobody says, are not among them.
    Encoded encode(String text, List<Span> spans) {
        checkPairs(text);
        var library = NativeTokenizers.library();
        long encoding = library.encode(handle, text, false);
        try {
            int[] tokens = Arrays.stream(library.getTokenIds(encoding)).mapToInt(id -> (int) id).toArray();
            var places = library.getTokenCharSpans(encoding);
            var spanned = new BitSet(tokens.length);
            for (var span : spans) {
                int from = text.codePointCount(0, span.from());
                int to = text.codePointCount(0, span.to());
                int[] inside = IntStream.range(0, tokens.length).filter(i -> places[i] != null
                        && places[i].getStart() < to && places[i].getEnd() > from).toArray();
                if (inside.length > 0) {
                    spanned.set(inside[0], withoutBlanks(tokens, inside[0], inside[inside.length - 1] + 1));
                }
            }
            return new Encoded(tokens, spanned);
        } finally {
            library.deleteEncoding(encoding);
            Reference.reachabilityFence(this);
        }
    }

    private int withoutBlanks(int[] tokens, int from, int to) {
        int end = to;
        while (end > from && !decodePlain(tokens[end - 1]).isEmpty() && decode(tokens[end - 1]).isBlank()) {
            end--;
        }
        return end > from && decodePlain(tokens[end - 1]).isEmpty() ? end : to;
    }

    private int[] encode(String text, boolean template) {
        var library = NativeTokenizers.library();
        long encoding = library.encode(handle, text, template);
        try {
            long[] ids = library.getTokenIds(encoding);
            int[] tokens = new int[ids.length];
            Arrays.setAll(tokens, i -> (int) ids[i]);
            return tokens;
        } finally {
            library.deleteEncoding(encoding);
            Reference.reachabilityFence(this);
        }
    }

    /// The library would replace half a surrogate pair without a word.
    private static void checkPairs(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new InputException(
                        "half a surrogate pair (U+%04X) at character %d".formatted(point, i));
            }
        }
    }

    /// The text of these tokens, special ones written out.
    public String decode(int... tokens) {
        return decode(false, tokens);
    }

    /// The same without special tokens.
    public String decodePlain(int... tokens) {
        return decode(true, tokens);
    }

    private String decode(boolean plain, int... tokens) {
        try {
            return NativeTokenizers.library().decode(handle, Arrays.stream(tokens).asLongStream().toArray(), plain);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /// The token that begins a text.
    public OptionalInt bos() {
        return special.bos();
    }

    /// The token that ends a text.
    public OptionalInt eos() {
        return special.eos();
    }

    /// The token that fills a batch.
    public OptionalInt pad() {
        return special.pad();
    }

    /// The token that stands before each text; empty where none does. Of a directory the template in `tokenizer.json` says it,
    /// whatever `add_bos_token` says, as in transformers 5; of a GGUF file its `add_bos_token`.
    public OptionalInt beginning() {
        return beginning;
    }

    /// Whether a token stands before each text.
    public boolean prependsBos() {
        return beginning.isPresent();
    }

    /// One more than the largest token id.
    public int vocabulary() {
        return vocabulary;
    }

    /// The content of `tokenizer.json`.
    public String json() {
        return json;
    }

    private OptionalInt beginning(String file) throws IOException {
        if (special.prepend().isEmpty()) {
            return templatesFirst(file);
        }
        if (special.prepend().get() && special.bos().isEmpty()) {
            throw new IOException("[%s] asks for a BOS before each text, but names no BOS token".formatted(file));
        }
        return special.prepend().get() ? special.bos() : OptionalInt.empty();
    }

    private OptionalInt templatesFirst(String file) throws IOException {
        int[] with = encode(PROBE, true);
        int[] text = encode(PROBE, false);
        int before = Collections.indexOfSubList(boxed(with), boxed(text));
        if (before > 1) {
            throw new IOException(
                    "[%s] its template puts %d tokens before each text, expected one or none".formatted(file, before));
        }
        return before == 1 || text.length == 0 && with.length > 0 && special.bos().equals(OptionalInt.of(with[0]))
                ? OptionalInt.of(with[0])
                : OptionalInt.empty();
    }

    private static List<Integer> boxed(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }
}
