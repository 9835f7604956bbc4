package dev.sglp.data.text;

import java.util.Optional;
import java.util.OptionalInt;

/// Ids of the tokens with a meaning of their own; empty where a tokenizer has none.
///
/// @param bos     begins a text
/// @param eos     ends a text
/// @param pad     fills a batch
/// @param mask    stands where a token is to be found
/// @param prepend whether texts are given a BOS; empty where the tokenizer's template says it
public record SpecialTokens(OptionalInt bos, OptionalInt eos, OptionalInt pad, OptionalInt mask,
        Optional<Boolean> prepend) {
    /// Nothing is masked.
    public SpecialTokens(OptionalInt bos, OptionalInt eos, OptionalInt pad, Optional<Boolean> prepend) {
        this(bos, eos, pad, OptionalInt.empty(), prepend);
    }

    /// No special tokens known.
    public static final SpecialTokens NONE = new SpecialTokens(OptionalInt.empty(), OptionalInt.empty(),
            OptionalInt.empty(), Optional.empty());

    SpecialTokens withoutPad() {
        return new SpecialTokens(bos, eos, OptionalInt.empty(), mask, prepend);
    }
}
