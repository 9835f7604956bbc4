package dev.sglp.cli.generation;

import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.text.Beside;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective.Answer;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// A language model with all it needs to write text.
///
/// @param scope of weights in another element type
/// @param stops tokens that end a text
record Speaker(ModelFile file, Weights weights, Scope scope, LayeredModel model, Tokenizer tokenizer,
        Set<Integer> stops) implements AutoCloseable {
    /// Before anything is loaded.
    ///
    /// @throws UsageException where the network does not write text
    static void check(ModelFile file) {
        if (!(file.architecture().input() instanceof Input.Text text) || text.answer() != Answer.NEXT_TOKEN) {
            throw new UsageException("text is written by language models that predict the next token; [%s] is a %s"
                    .formatted(file.checkpoint().path(), file.architecture().description()));
        }
    }

    /// Of a file that stays open as long.
    static Speaker of(ModelFile file, DType type) throws IOException {
        return of(file, type, ModelTokenizer.tokenizer(file));
    }

    /// The same with its tokenizer, which was read already.
    static Speaker of(ModelFile file, DType type, Tokenizer tokenizer) throws IOException {
        var stops = Beside.stops(file);
        var weights = file.forReading();
        var scope = Scope.open();
        try {
            var model = file.architecture().build(weights);
            return new Speaker(file, weights, scope, type == DType.F32 ? model : model.in(type), tokenizer, stops);
        } catch (RuntimeException e) {
            scope.close();
            weights.close();
            throw e;
        }
    }

    /// Another network that reads the same tokens; it stays its owner's.
    Speaker of(LayeredModel other) {
        return new Speaker(file, weights, scope, other, tokenizer, stops);
    }

    Input.Text input() {
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

    @Override
    public void close() {
        scope.close();
        weights.close();
    }
}
