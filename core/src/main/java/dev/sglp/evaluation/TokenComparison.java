package dev.sglp.evaluation;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.TokenPieces.Stretch;
import dev.sglp.evaluation.TokenPieces.Targets;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Networks with one head, beside the dense one on the same text. Neighbours share the beginnings of their paths, and
/// the dense network's logits are made once for all of them.
///
/// @param dense    what the dense network says of the text
/// @param networks at least one
record TokenComparison(TokenPredictions dense, List<LayeredModel> networks) {

    /// In the order of the networks.
    List<TokenSums> over(Dataset data, Progress progress) {
        var head = TokenPredictions.head(networks.getFirst());
        String who = networks.size() == 1 ? "" : " with %d networks".formatted(networks.size());
        var text = TokenPieces.of(data);
        var what = "predicting %d windows%s".formatted(data.size(), who);
        var pieces = LayerSource.of(networks.getFirst()).isPresent()
                ? text.through(networks, what, progress, (piece, batch, outputs) -> {
                    var targets = Targets.of(batch, text.first(piece));
                    return piece(head, piece, targets,
                            outputs.stream().map(h -> targets.states(h, head)).toArray(Tensor[]::new));
                })
                : text.each(what, progress, (piece, batch) -> {
                    var targets = Targets.of(batch, text.first(piece));
                    return piece(head, piece, targets, states(head, batch, targets));
                });
        return IntStream.range(0, networks.size())
                .mapToObj(network -> TokenSums.sum(pieces.stream().map(sums -> sums.get(network)).toList())).toList();
    }

    private List<TokenSums> piece(LinearHead head, int piece, Targets targets, Tensor[] states) {
        var sums = new TokenSums[networks.size()];
        Arrays.fill(sums, TokenSums.NONE);
        for (var rows : Stretch.of(targets.wanted().numel(), head)) {
            try (var _ = Scope.open()) {
                var known = new Known(dense.logProbabilities(piece, rows), dense.best(piece, rows));
                var wanted = targets.in(rows);
                for (int i = 0; i < sums.length; i++) {
                    sums[i] = sums[i].plus(known.compared(head, rows.in(states[i]), wanted));
                }
            }
        }
        return List.of(sums);
    }

    /// What the head's matrix is multiplied with, network by network, `[n, D]` each.
    private Tensor[] states(LinearHead head, Batch batch, Targets targets) {
        var states = new Tensor[networks.size()];
        var turns = Tape.turns(IntStream.range(0, networks.size()).boxed().toList(), i -> Tape.body(networks.get(i)));
        try (var tape = new Tape(batch.inputs(), Pass.evaluation(), new Meter(networks.getFirst(), 1))) {
            for (var turn : turns) {
                states[turn.which()] = Scope
                        .yield(() -> targets.states(tape.output(turn.path(), turn.keep()), head));
            }
        }
        return states;
    }

    /// What the dense network says of some tokens.
    ///
    /// @param p    log-probabilities, `[c, V]`
    /// @param best the most likely tokens, `[c]`
    private record Known(Tensor p, Tensor best) {
        /// @param states of another network, `[c, D]`
        TokenSums compared(LinearHead head, Tensor states, Targets wanted) {
            try (var _ = Scope.open()) {
                var logits = TokenPredictions.logits(head, states); // [c, V]
                var norm = logits.logsumexp(1); // [c]
                var sums = TokenSums.of(logits, norm, wanted);
                double same = TokenSums.number(logits.argmax(new LongOptional(1), false).eq(best).sum());
                var apart = logits.sub_(norm.unsqueeze(1)).neg_().add_(p); // log p − log q
                double divergence = TokenSums.number(p.exp().mul_(apart).sum(1).to(ScalarType.Double).sum());
                return sums.compared(divergence, (int) same);
            }
        }
    }
}
