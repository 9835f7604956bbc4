package dev.sglp.generation;

import dev.sglp.tensor.Seed;
import dev.sglp.tensor.SplitMix;
import java.util.Arrays;

/// A text that grows.
final class Text {
    final int number;
    final SplitMix chance;
    private final Generator.Settings settings;
    private final int prompt;
    private int[] tokens;
    private int length;
    private int last = -1;
    private boolean over;

    Text(int number, int[] prompt, Generator.Settings settings) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt %d has no token".formatted(number));
        }
        this.number = number;
        this.settings = settings;
        this.prompt = prompt.length;
        chance = Seed.of(settings.sampling().seed()).generator("text/" + number);
        tokens = Arrays.copyOf(prompt, prompt.length + settings.limit());
        length = prompt.length;
    }

    /// @return whether it belongs to the text
    boolean add(int token) {
        if (settings.stops().contains(token)) {
            last = token;
            return false;
        }
        tokens[length++] = token;
        over = settings.until().reached(Arrays.copyOfRange(tokens, prompt, length));
        return true;
    }

    boolean ended() {
        return last >= 0 || over || length == tokens.length;
    }

    int length() {
        return length;
    }

    int[] from(int first) {
        return Arrays.copyOfRange(tokens, first, length);
    }

    Continuation continuation() {
        return new Continuation(Arrays.copyOf(tokens, prompt), Arrays.copyOfRange(tokens, prompt, length), last);
    }
}
