package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.TokenPieces.Stretch;
import dev.sglp.evaluation.TokenPieces.Targets;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What a language model says of the next token, everywhere in a text. Logits are never kept: what the head's matrix is
/// multiplied with is, in memory or in a temporary file, from which any of them is found again.
public final class TokenPredictions implements Readout {
    private final LinearHead head;
    private final List<Piece> pieces;
    private final Spill kept;
    private final TokenSums sums;

    private final List<Tensor> own; // of the head

    private TokenPredictions(LinearHead head, List<Tensor> own, List<Piece> pieces, Spill kept) {
        this.head = head;
        this.own = own;
        this.pieces = pieces;
        this.kept = kept;
        this.sums = TokenSums.sum(pieces.stream().map(Piece::sums).toList());
    }

    /// What is said of some windows. It owns its tensors.
    ///
    /// @param states what the head's matrix is multiplied with where there is a target, `[n, D]`
    /// @param best   the most likely token after each of them, `[n]`
    private record Piece(Tensor states, Tensor best, TokenSums sums) {
        void free() {
            Scope.free(states);
            Scope.free(best);
        }
    }

    /// Runs the network over the whole data set. A network that is read only has to be there as long as what it says.
    public static TokenPredictions of(LayeredModel model, Dataset data, Progress progress) {
        return of(model, data, Spill.beside(model), progress);
    }

    static TokenPredictions of(LayeredModel model, Dataset data, Spill kept, Progress progress) {
        var own = new ArrayList<Tensor>();
        var head = model.access() == LayeredModel.Access.READ_ONLY ? head(model) : copied(model, own, Scope::own);
        return new TokenPredictions(head, own, pieces(model, data, kept, progress), kept);
    }

    /// The same of a network that is gone before what it said is asked for.
    public static TokenPredictions outliving(LayeredModel model, Dataset data, Progress progress) {
        var kept = Spill.beside(model);
        var own = new ArrayList<Tensor>();
        var head = copied(model, own, model.device().isCpu() ? kept::keep : Scope::own);
        return new TokenPredictions(head, own, pieces(model, data, kept, progress), kept);
    }

    private static List<Piece> pieces(LayeredModel model, Dataset data, Spill kept, Progress progress) {
        return each(TokenPieces.of(data), model, progress, kept::keep, piece -> piece);
    }

    /// The head as it is now: weights may be changed, or gone, before its logits are asked for.
    ///
    /// @param own gets what was copied for it
    /// @param keep what is done with the copies
    private static LinearHead copied(LayeredModel model, List<Tensor> own, UnaryOperator<Tensor> keep) {
        return (LinearHead) head(model).mapped(tensor -> {
            var copy = Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    return keep.apply(tensor.detach().clone());
                }
            });
            own.add(copy);
            return copy;
        });
    }

    /// The same in numbers alone: nothing of the text is kept, so nothing can be compared with it.
    static TokenSums sums(LayeredModel model, Dataset data, Progress progress) {
        head(model);
        var text = TokenPieces.of(data);
        return TokenSums.sum(each(text, model, progress, Scope::own, piece -> {
            piece.free();
            return piece.sums;
        }));
    }

    /// @param keep what is done with the states of a piece
    /// @param last what is done with the piece
    private static <T> List<T> each(TokenPieces text, LayeredModel model, Progress progress,
            UnaryOperator<Tensor> keep, Function<Piece, T> last) {
        var what = "predicting %d windows".formatted(text.data().size());
        TokenPieces.Walked<T> work = (piece, batch, outputs) -> last.apply(piece(head(model), outputs.getFirst(),
                Targets.of(batch, text.first(piece)), keep));
        return LayerSource.of(model).isPresent()
                ? text.through(List.of(model), what, progress, work)
                : text.each(what, progress, (piece, batch) -> work.of(piece, batch,
                        List.of(model.body(batch.inputs(), Pass.evaluation(), Tap.NONE))));
    }

    /// @throws IllegalArgumentException where the network has none
    static LinearHead head(LayeredModel model) {
        if (model.head() instanceof LinearHead head) {
            return head;
        }
        throw new IllegalArgumentException("a network of family %s has no head over tokens".formatted(model.family()));
    }

    /// @param output of the last layer
    /// @param keep   what is done with the states
    private static Piece piece(LinearHead head, Tensor output, Targets targets, UnaryOperator<Tensor> keep) {
        var states = Scope.yield(() -> targets.states(output, head));
        var sums = new ArrayList<TokenSums>();
        var best = new ArrayList<Tensor>();
        for (var stretch : Stretch.of(states.size(0), head)) {
            best.add(Scope.yield(() -> {
                var logits = logits(head, stretch.in(states));
                sums.add(TokenSums.of(logits, logits.logsumexp(1), targets.in(stretch)));
                return logits.argmax(new LongOptional(1), false);
            }));
        }
        var all = torch.cat(new TensorVector(best.toArray(Tensor[]::new)), 0);
        return new Piece(keep.apply(states), Scope.own(all), TokenSums.sum(sums));
    }

    static Tensor logits(LinearHead head, Tensor states) { // [c, D] → [c, V], float32
        return head.logits(states).to(ScalarType.Float);
    }

    /// Of some rows of a piece, `[c, V]`, float32, in the current scope.
    Tensor logProbabilities(int piece, Stretch rows) {
        return Scope.yield(() -> torch.log_softmax(
                logits(head, Device.of(head.matrix()).moved(rows.in(pieces.get(piece).states))), 1));
    }

    /// The most likely tokens of some rows of a piece, `[c]`.
    Tensor best(int piece, Stretch rows) {
        return rows.in(pieces.get(piece).best);
    }

    @Override
    public int size() {
        return sums.size();
    }

    @Override
    public int right(int k) {
        return sums.right(k);
    }

    @Override
    public double loss() {
        return sums.loss();
    }

    @Override
    public Optional<Double> perplexity() {
        return sums.perplexity();
    }

    @Override
    public Optional<PerplexityInterval> interval() {
        return sums.interval();
    }

    @Override
    public void close() {
        pieces.forEach(Piece::free);
        own.forEach(Scope::free);
        kept.close();
    }
}
