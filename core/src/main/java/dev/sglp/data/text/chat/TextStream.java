package dev.sglp.data.text.chat;

import dev.sglp.data.text.Tokenizer;

import java.util.ArrayList;
import java.util.List;

/// The text of tokens as they come one by one: characters are told when they are whole, since a token of bytes may end within one.
public final class TextStream {
    private static final String HALF = "\uFFFD"; // what stands for bytes that are no character
    private static final int CONTEXT = 8; // tokens before, which say whether a blank belongs to the first

    private final Tokenizer tokenizer;
    private final List<Integer> tokens = new ArrayList<>();
    private int from; // of what is decoded
    private int told; // tokens

    /// @param before what the tokens follow
    public TextStream(Tokenizer tokenizer, int... before) {
        this.tokenizer = tokenizer;
        for (int i = Math.max(0, before.length - CONTEXT); i < before.length; i++) {
            tokens.add(before[i]);
        }
        told = tokens.size();
    }

    /// What can be told now.
    public String add(int token) {
        tokens.add(token);
        return fresh(false);
    }

    /// What is left of the text.
    public String rest() {
        return fresh(true);
    }

    private String fresh(boolean last) {
        var known = decoded(from, told);
        var all = decoded(from, tokens.size());
        if (all.length() <= known.length() || all.endsWith(HALF) && !last) {
            return "";
        }
        from = told;
        told = tokens.size();
        return all.substring(known.length());
    }

    private String decoded(int first, int end) {
        return tokenizer.decode(tokens.subList(first, end).stream().mapToInt(i -> i).toArray());
    }

    /// The whole text of tokens that follow others.
    public static String text(Tokenizer tokenizer, int[] before, int... tokens) {
        var stream = new TextStream(tokenizer, before);
        var text = new StringBuilder();
        for (int token : tokens) {
            text.append(stream.add(token));
        }
        return text.append(stream.rest()).toString();
    }
}
