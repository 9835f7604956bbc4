package dev.sglp.generation;

import java.util.Arrays;

/// What a network wrote behind a prompt.
///
/// @param tokens without the one that stopped it
/// @param last   the token that stopped it; −1 where none did
public record Continuation(int[] prompt, int[] tokens, int last) {
    public Continuation {
        prompt = prompt.clone();
        tokens = tokens.clone();
    }

    /// Whether the network ended the text itself.
    public boolean ended() {
        return last >= 0;
    }

    /// Prompt and continuation.
    public int[] whole() {
        int[] all = Arrays.copyOf(prompt, prompt.length + tokens.length);
        System.arraycopy(tokens, 0, all, prompt.length, tokens.length);
        return all;
    }
}
