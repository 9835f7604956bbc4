package dev.sglp.cli.generation;

import dev.sglp.cli.generation.Voice.Words;
import dev.sglp.cli.text.Beside;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.chat.TextStream;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Repetition;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// How a language model's prompts become tokens and what it writes text: all it needs to speak but its weights.
///
/// @param stops tokens that end a text
record Tongue(ModelFile file, Tokenizer tokenizer, Set<Integer> stops) {
    private static final int GRAM = 4;

    static Tongue of(ModelFile file) throws IOException {
        return of(file, ModelTokenizer.tokenizer(file));
    }

    /// The same with its tokenizer, which was read already.
    static Tongue of(ModelFile file, Tokenizer tokenizer) throws IOException {
        return new Tongue(file, tokenizer, Beside.stops(file));
    }

    private Input.Text input() {
        return (Input.Text) file.architecture().input();
    }

    /// A prompt's tokens, with the one that stands before each text.
    ///
    /// @throws UsageException where there are none
    int[] tokens(String prompt) {
        int[] own = tokenizer.encode(prompt);
        var first = tokenizer.beginning();
        if (own.length == 0 && first.isEmpty()) {
            first = tokenizer.bos();
            if (first.isEmpty()) {
                throw new UsageException("[%s] has no token that begins a text: an empty prompt says nothing"
                        .formatted(file.checkpoint().path()));
            }
        }
        return IntStream.concat(first.stream(), IntStream.of(own)).toArray();
    }

    /// What is unusual about a text so long; empty where nothing is.
    ///
    /// @throws UsageException where the network has learned fewer positions
    Optional<String> remark(int prompt, int limit) {
        if (prompt + limit <= input().context()) {
            return Optional.empty();
        }
        if (input().finite()) {
            throw new UsageException(
                    "a prompt of %,d tokens and %,d tokens behind it are more than the %,d positions that [%s] has learned"
                            .formatted(prompt, limit, input().context(), file.checkpoint().path()));
        }
        return Optional.of(
                "a prompt of %,d tokens and %,d tokens behind it go beyond the %,d tokens that [%s] was made for: what it says there is worth little"
                        .formatted(prompt, limit, input().context(), file.checkpoint().path()));
    }

    Words words(Continuation said) {
        return new Words(TextStream.text(tokenizer, said.prompt(), said.tokens()), said.tokens().length,
                said.ended(), Repetition.of(said.tokens(), GRAM));
    }
}
