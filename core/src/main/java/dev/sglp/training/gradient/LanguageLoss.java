package dev.sglp.training.gradient;

import dev.sglp.model.Ending;
import dev.sglp.model.Ending.Prepared;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The loss of a language model from its last layer's output, and its gradients, written down as the formulas they are, some
/// hundreds of tokens' logits at a time.
///
/// @param head     the student's
/// @param teaching absent where the next token alone is learned
record LanguageLoss(LinearHead head, Optional<Teaching> teaching) {
    private static final double LEAST = 1e-6; // of all probability together: float32 knows no less of a sum near 1

    /// Where the student stands.
    ///
    /// @param h       the last layer's output, `[B, T, D]`
    /// @param targets `[B, T]`
    /// @param known   what the teacher says of each token; absent where there is none
    record Place(Tensor h, Tensor targets, @Nullable Known known) {}

    /// @param vector gradient with respect to the last layer's output
    /// @param loss   summed over the tokens with a target, times the share
    record Back(Tensor vector, Tensor loss) {}

    /// @param share a factor on the sum over tokens
    Back back(Place place, double share, Accumulator sums) {
        head.prepare().parameters().values().forEach(p -> Autograd.want(p, sums.trains(p)));
        var leaf = place.h.reshape(-1, place.h.size(-1)).detach().set_requires_grad(true);
        var x = Autograd.recording(true, () -> head.prepare().forward(leaf, Pass.evaluation())); // [n, D]
        var at = LinearHead.targeted(place.targets);
        var back = Autograd.recording(false, () -> rows(place, x.detach(), at, share, sums));
        var inputs = new ArrayList<>(List.of(leaf));
        head.prepare().parameters().values().stream().filter(sums::trains).forEach(inputs::add);
        var products = Autograd.product(x, back.vector, inputs, false);
        for (int i = 1; i < products.length; i++) {
            sums.add(inputs.get(i), new Gradient.Whole(products[i]));
        }
        return new Back(products[0].view(place.h.shape()), back.loss);
    }

    /// The mean KL divergence of the student's answers from the teacher's, over the tokens with a target, at temperature 1, nats; of kept
    /// answers with all other tokens as one.
    double divergence(Tensor h, Tensor of, Known known) {
        var at = LinearHead.targeted(of);
        return switch (known) {
            case Known.States states ->
                Ending.divergences(new Prepared(teaching.orElseThrow().head(), states.rows(at).prepared()),
                        List.of(Prepared.of(head, h, at, Pass.evaluation())))[0];
            case Known.Most most -> divergence(h, at, most);
        };
    }

    private double divergence(Tensor h, Tensor at, Known.Most most) {
        return Autograd.recording(false, () -> {
            double sum = 0;
            for (long from = 0; from < at.numel(); from += head.rowsAtATime()) {
                try (var _ = Scope.open()) {
                    var some = at.narrow(0, from, Math.min(head.rowsAtATime(), at.numel() - from));
                    var rows = head.prepare().forward(h.reshape(-1, h.size(-1)).index_select(0, some),
                            Pass.evaluation());
                    var q = torch.log_softmax(head.logits(rows).to(ScalarType.Float), 1);
                    sum += Tensors.toDoubles(divergence(most.rows(some), q).loss)[0];
                }
            }
            return sum / at.numel();
        });
    }

    private Back rows(Place place, Tensor x, Tensor at, double share, Accumulator sums) {
        var dx = torch.zeros_like(x);
        var targets = place.targets.reshape(-1).index_select(0, at);
        var total = torch.zeros_like(x.narrow(0, 0, 1).sum()).to(ScalarType.Double);
        boolean learns = sums.trains(head.matrix());
        long step = head.rowsAtATime();
        for (long from = 0; from < at.numel(); from += step) {
            long start = from;
            long length = Math.min(step, at.numel() - from);
            Scope.run(() -> {
                var some = at.narrow(0, start, length);
                var rows = x.index_select(0, some);
                var known = place.known == null ? null : place.known.rows(some);
                var piece = piece(rows, targets.narrow(0, start, length), known);
                total.add_(piece.loss, new Scalar(share));
                var dz = times(piece.vector, share).to(x.scalar_type()); // [c, V]
                dx.index_copy_(0, some, dz.mm(head.matrix()));
                if (learns) {
                    sums.add(head.matrix(), new Gradient.Product(dz, rows));
                }
                head.bias().ifPresent(b -> sums.add(b, new Gradient.Whole(dz.sum(0))));
            });
        }
        return new Back(dx, total);
    }

    /// The teacher's log-probabilities, `[c, V]`.
    private Tensor logs(Known.States known, double temperature) {
        return torch.log_softmax(
                times(teaching.orElseThrow().head().logits(known.prepared()).to(ScalarType.Float), 1 / temperature), 1);
    }

    /// Multiplied in place.
    private static Tensor times(Tensor tensor, double factor) {
        return factor == 1 ? tensor : tensor.mul_(new Scalar(factor));
    }

    /// Loss and its gradient with respect to what the matrix gives, `[c, V]`, float32.
    private Back piece(Tensor rows, Tensor targets, @Nullable Known known) {
        var logits = head.logits(rows).to(ScalarType.Float);
        double alpha = known == null ? 0 : teaching.orElseThrow().weight();
        double t = known == null ? 1 : teaching.orElseThrow().temperature();
        var own = alpha < 1 || t == 1 ? torch.log_softmax(logits, 1) : logits; // the latter is not looked at
        var label = targets.unsqueeze(1);
        var parts = new ArrayList<Back>();
        if (alpha < 1) {
            var vector = times(own.exp(), 1 - alpha);
            vector.scatter_add_(1, label, torch.full_like(label.to(ScalarType.Float), new Scalar(alpha - 1)));
            parts.add(new Back(vector,
                    own.gather(1, label).sum().to(ScalarType.Double).mul(new Scalar(alpha - 1)))); // − (1 − α) log q
        }
        if (known != null && alpha > 0) {
            var q = t == 1 ? own : torch.log_softmax(logits.mul(new Scalar(1 / t)), 1);
            var back = switch (known) {
                case Known.States states -> divergence(logs(states, t), q);
                case Known.Most most -> divergence(most, q);
            };
            parts.add(new Back(times(back.vector, alpha * t), back.loss.mul(new Scalar(alpha * t * t))));
        }
        var all = parts.stream().reduce((one, other) -> new Back(one.vector.add_(other.vector),
                one.loss.add(other.loss))).orElseThrow();
        if (head.cap() != 0) {
            all.vector.sub_(all.vector.mul(logits.mul(new Scalar(1 / head.cap())).square_()));
        }
        return all;
    }

    /// `Σ p (log p − log q)` and `q − p`.
    private static Back divergence(Tensor p, Tensor q) {
        var share = p.exp();
        var loss = share.mul(p.sub_(q)).sum().to(ScalarType.Double);
        return new Back(q.exp().sub_(share), loss);
    }

    /// The same over the kept tokens and the rest as one: of a token in the rest the gradient is `q (1 − p_rest / q_rest)`.
    private static Back divergence(Known.Most known, Tensor q) {
        var ids = known.ids().to(ScalarType.Long);
        var p = known.logProbabilities().to(ScalarType.Float);
        var share = p.exp(); // [c, k]
        var own = q.gather(1, ids);
        var said = own.exp();
        var rest = rest(share); // [c, 1]
        var ownRest = rest(said);
        var loss = share.mul(p.sub(own)).sum().add(rest.mul(rest.div(ownRest).log_()).sum());
        var ratio = rest.div(ownRest);
        var vector = q.exp().mul_(torch.ones_like(ratio).sub_(ratio));
        vector.scatter_add_(1, ids, said.mul(ratio).sub_(share));
        return new Back(vector, loss.to(ScalarType.Double));
    }

    private static Tensor rest(Tensor shares) {
        return torch.ones_like(shares.narrow(1, 0, 1))
                .sub_(shares.sum(new long[]{1}, true, new ScalarTypeOptional())).clamp_min_(new Scalar(LEAST));
    }
}
