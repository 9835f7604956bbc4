package dev.sglp.data.text;

import dev.sglp.data.text.Tokenizer.Frame;
import dev.sglp.fault.UsageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Tokens, four bytes each, and where windows begin.
///
/// @param ids     of all windows, one after the other
/// @param starts  of each window in `ids`, and at the end where the last one ends
/// @param width   most tokens a window, with what stands around it
/// @param frame   put around each window
/// @param pad     stands where there is no token
/// @param silent  which of `ids` are not predicted; none where all are but the first of each window and document
/// @param begins  which of `ids` begin a document behind others in a window; none where each window is one
/// @param leftOut tokens in no window
record Windowed(int[] ids, int[] starts, int width, Frame frame, int pad, BitSet silent, BitSet begins, int leftOut) {
    static Windowed of(Passage passage, Tokenizer tokenizer, int width, boolean rests) {
        var frame = passage.talks().isEmpty() ? tokenizer.frame() : Frame.NONE; // a conversation says how it begins
        if (width <= frame.size()) {
            throw new UsageException("a window of %d tokens has no room beside the %d around each text"
                    .formatted(width, frame.size()));
        }
        var cut = new WindowCutter(width - frame.size(), Math.max(1, 2 - frame.size()));
        if (passage.documents()) {
            passage.lines().forEach(document -> cut(document, passage, tokenizer, rests, cut));
        } else {
            cut.text(tokenizer.encode(String.join("", passage.lines())));
        }
        int pad = tokenizer.pad().orElse(tokenizer.eos().orElse(0));
        return new Windowed(cut.ids(), cut.starts(), width, frame, pad, cut.silent(), new BitSet(), cut.leftOut());
    }

    private static void cut(String document, Passage passage, Tokenizer tokenizer, boolean rests, WindowCutter cut) {
        var talk = passage.talks().get(document);
        if (talk != null) {
            var encoded = tokenizer.encode(document, talk.answers());
            cut.document(encoded.tokens(), encoded.spanned());
        } else if (rests) {
            cut.document(tokenizer.encode(document));
        } else {
            cut.text(tokenizer.encode(document));
        }
    }

    /// Some windows of a text.
    record Some(Windowed of, int[] windows) {}

    /// One after the other; where different things stand around them, as if that belonged to each.
    static Windowed joined(List<Some> texts) {
        var first = texts.getFirst().of;
        boolean alike = texts.stream().allMatch(text -> text.of.frame.equals(first.frame));
        var ids = IntStream.builder();
        var starts = IntStream.builder().add(0);
        var silent = new BitSet();
        int filled = 0;
        for (var text : texts) {
            for (int window : text.windows) {
                int[] own = alike ? text.of.inside(window) : text.of.tokens(window);
                int before = alike ? text.of.frame.before().size() : 0;
                for (int t = 0; t < own.length; t++) {
                    ids.add(own[t]);
                    silent.set(filled + t, t + before > 0 && !text.of.predicts(window, t + before));
                }
                filled += own.length;
                starts.add(filled);
            }
        }
        return new Windowed(ids.build().toArray(), starts.build().toArray(), first.width,
                alike ? first.frame : Frame.NONE, first.pad, silent, new BitSet(),
                texts.stream().mapToInt(text -> text.of.leftOut).sum());
    }

    int size() {
        return starts.length - 1;
    }

    int length(int window) {
        return starts[window + 1] - starts[window] + frame.size();
    }

    private int[] inside(int window) {
        return Arrays.copyOfRange(ids, starts[window], starts[window + 1]);
    }

    int[] tokens(int window) {
        return frame.around(inside(window));
    }

    /// Whether the token at a place of a window, with what stands around it, is predicted.
    boolean predicts(int window, int place) {
        int at = Math.max(0, starts[window] + place - frame.before().size());
        return place > 0 && !silent.get(at) && !begins.get(at);
    }

    /// How many are.
    long predicted(int window) {
        return silent.isEmpty() && begins.isEmpty()
                ? length(window) - 1L
                : IntStream.range(1, length(window)).filter(place -> predicts(window, place)).count();
    }

    String words() {
        var around = frame.whole()
                ? "%d of them around each text%s".formatted(frame.size(),
                        frame.mask().isPresent() ? ", " + Masking.WORDS : "")
                : frame.size() > 0 ? "a BOS at the start of each" : "no BOS";
        var what = silent.isEmpty() ? around : "conversations, whose answers alone are predicted";
        return begins.isEmpty() ? what : what + ", several documents in a window";
    }

    /// The columns of a window at which a document begins.
    List<Integer> documents(int window) {
        return IntStream.range(starts[window], starts[window + 1])
                .filter(at -> at == starts[window] || begins.get(at)).mapToObj(at -> at - starts[window]).toList();
    }

    /// Windows in which some of these stand one behind the other, each as a document: the longest first, each where it leaves the least room;
    /// in the order in which they were begun.
    Windowed packed(int[] windows) {
        var order = IntStream.of(windows).boxed().sorted(Comparator.comparingInt(this::length).reversed()).toList();
        var packed = new ArrayList<List<Integer>>();
        var room = new TreeMap<Integer, Deque<List<Integer>>>(); // open ones by the tokens that fit in
        for (int window : order) {
            var fits = room.ceilingEntry(length(window));
            int left = (fits == null ? width : fits.getKey()) - length(window);
            var into = fits == null ? new ArrayList<Integer>() : fits.getValue().removeFirst();
            if (fits == null) {
                packed.add(into);
            } else if (fits.getValue().isEmpty()) {
                room.remove(fits.getKey());
            }
            into.add(window);
            room.computeIfAbsent(left, _ -> new ArrayDeque<>()).addLast(into);
        }
        return laid(packed);
    }

    private Windowed laid(List<List<Integer>> packed) {
        var laid = IntStream.builder();
        var ends = IntStream.builder().add(0);
        var unspoken = new BitSet();
        var first = new BitSet();
        int filled = 0;
        for (var together : packed) {
            int start = filled;
            for (int window : together) {
                first.set(filled, filled > start);
                int[] tokens = tokens(window);
                for (int t = 0; t < tokens.length; t++) {
                    laid.add(tokens[t]);
                    unspoken.set(filled + t, t > 0 && !predicts(window, t));
                }
                filled += tokens.length;
            }
            ends.add(filled);
        }
        return new Windowed(laid.build().toArray(), ends.build().toArray(), width, Frame.NONE, pad, unspoken, first,
                leftOut);
    }
}
