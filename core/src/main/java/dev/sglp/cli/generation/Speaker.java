package dev.sglp.cli.generation;

import dev.sglp.checkpoint.Weights;
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

/// A language model with all it needs to write text.
///
/// @param scope of weights in another element type
record Speaker(Tongue tongue, Weights weights, Scope scope, LayeredModel model) implements AutoCloseable {
    /// Whether a network of this file writes text.
    static boolean writes(ModelFile file) {
        return file.architecture().input() instanceof Input.Text text && text.answer() == Answer.NEXT_TOKEN;
    }

    /// Before anything is loaded.
    ///
    /// @throws UsageException where the network does not write text
    static void check(ModelFile file) {
        if (!writes(file)) {
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
        var tongue = Tongue.of(file, tokenizer);
        var weights = file.forReading();
        var scope = Scope.open();
        try {
            var model = file.architecture().build(weights);
            return new Speaker(tongue, weights, scope, type == DType.F32 ? model : model.in(type));
        } catch (RuntimeException e) {
            scope.close();
            weights.close();
            throw e;
        }
    }

    ModelFile file() {
        return tongue.file();
    }

    Tokenizer tokenizer() {
        return tongue.tokenizer();
    }

    Set<Integer> stops() {
        return tongue.stops();
    }

    /// @throws UsageException as {@link Tongue#tokens}
    int[] tokens(String prompt) {
        return tongue.tokens(prompt);
    }

    /// @throws UsageException as {@link Tongue#remark}
    Optional<String> remark(int prompt, int limit) {
        return tongue.remark(prompt, limit);
    }

    @Override
    public void close() {
        scope.close();
        weights.close();
    }
}
