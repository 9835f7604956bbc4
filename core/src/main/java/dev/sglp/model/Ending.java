package dev.sglp.model;

import dev.sglp.fault.InputException;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Head and objective of a network together, from the last layer's output to the loss and back. A head that ends in one
/// large matrix is worked off some hundreds of tokens at a time, and its gradient is written down as the formula it is,
/// softmax minus target.
///
/// @param head      of the network
/// @param objective of the network
public record Ending(Part head, Objective objective) {
    /// How many times as many logits as usual may exist where their memory is used again.
    private static final long REUSED = 4;
    /// As many logits may stand for the matrix' gradient: of some hundreds of tokens where the vocabulary is large.
    private static final long KEPT = 1 << 27;
    /// What a token without a target carries in its place.
    public static final long NO_TARGET = -100;

    /// Whether the logits of a batch stand for the gradient of the head's matrix: whether they take no more memory.
    ///
    /// @param tokens of the batch
    /// @param width  of what the matrix multiplies
    /// @param words  of the vocabulary
    public static boolean standsForGradient(long tokens, long width, long words) {
        return tokens <= width && tokens * words <= KEPT;
    }

    /// Of a network.
    public static Ending of(LayeredModel model) {
        return new Ending(model.head(), model.objective());
    }

    /// The mean loss in nats, without recording.
    ///
    /// @param h       the last layer's output
    /// @param targets what the batch carries
    public double loss(Tensor h, Tensor targets, Pass pass) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                if (!(inPieces() && head instanceof LinearHead linear)) {
                    return Tensors.toDoubles(objective.loss(head.forward(h, pass), targets))[0];
                }
                var rows = Rows.of(linear.prepare().forward(flat(h), pass), targets);
                double sum = 0;
                for (long from = 0; from < rows.size(); from += linear.rowsAtATime()) {
                    var piece = rows.piece(from, linear.rowsAtATime());
                    sum += Tensors.toDoubles(Scope.yield(() -> piece.loss(linear).sum()))[0];
                }
                return sum / rows.size();
            }
        });
    }

    /// How far the answers of several networks with this head are from another's, without recording: {@link Objective#divergence}.
    ///
    /// @param reference the last layer's output of the network they are compared with
    /// @param others    those of the others
    public double[] divergences(Tensor reference, List<Tensor> others, Tensor targets, Pass pass) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                if (!(inPieces() && head instanceof LinearHead linear)) {
                    var known = head.forward(reference, Pass.evaluation());
                    return others.stream().mapToDouble(
                            h -> number(() -> objective.divergence(known, head.forward(h, pass), targets))).toArray();
                }
                var at = LinearHead.targeted(targets);
                return divergences(Prepared.of(linear, reference, at, pass),
                        others.stream().map(h -> Prepared.of(linear, h, at, pass)).toList());
            }
        });
    }

    /// Some tokens before a network's last matrix.
    ///
    /// @param rows what it multiplies, `[n, D]`
    public record Prepared(LinearHead head, Tensor rows) {
        /// @param h  the last layer's output
        /// @param at which of its tokens
        public static Prepared of(LinearHead head, Tensor h, Tensor at, Pass pass) {
            return new Prepared(head, head.prepare().forward(flat(h).index_select(0, at), pass));
        }

        /// Of the next token after each of them, `[n, V]`, float32, in the current scope.
        public Tensor logProbabilities() {
            return logProbabilities(0, rows.size(0));
        }

        private Tensor logProbabilities(long from, long length) { // [c, V], where the logits were
            return Scope.yield(() -> {
                var logits = head.logits(rows.narrow(0, from, length)).to(ScalarType.Float);
                torch.log_softmax_out(logits, logits, 1);
                return logits;
            });
        }
    }

    /// How far other networks' next tokens are from a network's, the mean KL divergence in nats over the same tokens.
    public static double[] divergences(Prepared network, List<Prepared> others) {
        var sums = new double[others.size()];
        long rows = network.rows.size(0);
        long most = network.head.rowsAtATime();
        for (long from = 0; from < rows; from += most) {
            long start = from;
            long length = Math.min(most, rows - from);
            Scope.run(() -> {
                var logP = network.logProbabilities(start, length);
                var p = logP.exp();
                for (int i = 0; i < sums.length; i++) {
                    var other = others.get(i);
                    sums[i] += number(() -> divergence(p, logP, other.logProbabilities(start, length)));
                }
            });
        }
        return Arrays.stream(sums).map(sum -> sum / rows).toArray();
    }

    private static double number(Supplier<Tensor> scalar) {
        return Tensors.toDoubles(Scope.yield(scalar))[0];
    }

    /// `Σ p (log p − log q)`, all `[n, C]`; a scalar in float64.
    ///
    /// @param logQ is spent
    private static Tensor divergence(Tensor p, Tensor logP, Tensor logQ) {
        return logQ.neg_().add_(logP).mul_(p).sum(1).to(ScalarType.Double).sum();
    }

    /// The formula is that of a token's cross-entropy: any other objective sees the whole.
    private boolean inPieces() {
        return objective instanceof Objective.Tokens;
    }

    /// The gradient of `share · loss` with respect to `h`, in the current scope; those of the head's weights are told.
    public Tensor backward(Tensor h, Tensor targets, Wish wish, Tape.Gradients gradients) {
        head.parameters().values().forEach(p -> Autograd.want(p, wish.weights));
        return inPieces() && head instanceof LinearHead linear
                ? new Walk(linear, h, wish).back(targets, gradients)
                : whole(h, targets, wish, gradients);
    }

    /// What is wanted of a backward walk.
    ///
    /// @param pass    the forward pass it belongs to
    /// @param share   a factor on the loss
    /// @param weights whether the gradients of the head's weights are wanted
    /// @param workspace where the logits and the matrix' gradient are counted: the gradient is good until its next use
    public record Wish(Pass pass, double share, boolean weights, Workspace workspace) {}

    private Tensor whole(Tensor h, Tensor targets, Wish wish, Tape.Gradients gradients) {
        return Scope.yield(() -> {
            var leaf = h.detach().set_requires_grad(true);
            var loss = Autograd.recording(true, () -> objective.loss(head.forward(leaf, wish.pass), targets));
            var inputs = new ArrayList<>(List.of(leaf));
            if (wish.weights) {
                inputs.addAll(head.parameters().values());
            }
            var products = Autograd.product(loss, torch.full_like(loss, new Scalar(wish.share)), inputs, false);
            if (wish.weights) {
                gradients.of(head, head.parameters(),
                        Arrays.stream(products).skip(1).<Gradient>map(Gradient.Whole::new).toList());
            }
            return products[0];
        });
    }

    /// One backward walk through a linear head.
    private record Walk(LinearHead head, Tensor h, Wish wish) {
        Tensor back(Tensor targets, Tape.Gradients gradients) {
            return Scope.yield(() -> {
                var leaf = flat(h).detach().set_requires_grad(true);
                var x = Autograd.recording(true, () -> head.prepare().forward(leaf, wish.pass)); // [n, D]
                var found = Autograd.recording(false, () -> through(Rows.of(x.detach(), targets), x));
                var own = head.prepare().parameters();
                var inputs = new ArrayList<>(List.of(leaf));
                if (wish.weights) {
                    inputs.addAll(own.values());
                }
                var products = Autograd.product(x, found.input, inputs, false);
                if (found.matrix != null) {
                    tell(own, products, found, gradients);
                }
                return products[0].view(h.shape());
            });
        }

        /// Gradients with respect to what is multiplied, `[n, D]`, to the matrix, `[V, D]`, and its bias, `[V]`; absent where not wanted.
        private record Product(Tensor input, @Nullable Gradient matrix, @Nullable Tensor bias) {}

        private Product through(Rows rows, Tensor x) {
            boolean few = standsForGradient(rows.size(), head.matrix().size(1), head.matrix().size(0));
            return wish.weights && few ? atOnce(rows, x) : pieceByPiece(rows, x);
        }

        /// What all rows make of the logits takes no more memory than the matrix' gradient, and stands for it.
        private Product atOnce(Rows rows, Tensor x) {
            var weight = new Scalar(wish.share / rows.size());
            var difference = rows.difference(head,
                    wish.workspace.like("logits", x, rows.size(), head.matrix().size(0))); // [n, V]
            var dx = torch.zeros_like(x).index_copy_(0, rows.at(), difference.mm(head.matrix()).mul_(weight));
            var dBias = head.bias().isPresent() ? difference.sum(0).mul_(weight) : null;
            return new Product(dx, new Gradient.Product(difference, rows.x().mul(weight)), dBias);
        }

        private Product pieceByPiece(Rows rows, Tensor x) {
            var weight = new Scalar(wish.share / rows.size());
            var dx = torch.zeros_like(x);
            var dMatrix = wish.weights ? wish.workspace.like("gradient", head.matrix(), head.matrix().shape()) : null;
            var dBias = wish.weights ? head.bias().map(torch::zeros_like).orElse(null) : null;
            long most = Math.min(REUSED * head.rowsAtATime(), rows.size());
            var logits = wish.workspace.like("logits", x, most, head.matrix().size(0));
            for (long from = 0; from < rows.size(); from += most) {
                var piece = rows.piece(from, most);
                boolean first = from == 0;
                Scope.run(() -> {
                    var difference = piece.difference(head, logits); // [c, V]
                    dx.index_copy_(0, piece.at(), difference.mm(head.matrix()).mul_(weight));
                    if (dMatrix != null) {
                        dMatrix.addmm_(difference.t(), piece.x().mul(weight), new Scalar(first ? 0 : 1), new Scalar(1));
                    }
                    if (dBias != null) {
                        dBias.add_(difference.sum(0), weight);
                    }
                });
            }
            return new Product(dx, dMatrix == null ? null : new Gradient.Whole(dMatrix), dBias);
        }

        private void tell(SequencedMap<String, Tensor> own, Tensor[] products, Product found,
                Tape.Gradients gradients) {
            var matrix = Tensors.identity(head.matrix());
            var named = new LinkedHashMap<String, Tensor>();
            var values = new ArrayList<Gradient>();
            int next = 1;
            for (var entry : head.parameters().entrySet()) {
                named.put(entry.getKey(), entry.getValue());
                values.add(own.containsKey(entry.getKey())
                        ? new Gradient.Whole(products[next++])
                        : Tensors.identity(entry.getValue()) == matrix
                                ? found.matrix
                                : new Gradient.Whole(Objects.requireNonNull(found.bias)));
            }
            gradients.of(head, named, values);
        }
    }

    private static Tensor flat(Tensor h) { // [B, T, D] → [n, D]
        return h.reshape(-1, h.size(-1));
    }

    /// The rows that have a target.
    ///
    /// @param x       `[n, D]`
    /// @param at      their places among all rows, `[n]`
    /// @param targets `[n]`
    private record Rows(Tensor x, Tensor at, Tensor targets) {
        static Rows of(Tensor x, Tensor targets) {
            var flat = targets.reshape(-1);
            var at = LinearHead.targeted(targets);
            if (at.numel() == 0) {
                throw new InputException(
                        "no token of the batch has a target: a window needs at least 2 tokens");
            }
            return new Rows(x.index_select(0, at), at, flat.index_select(0, at));
        }

        long size() {
            return at.numel();
        }

        Rows piece(long from, long step) {
            long length = Math.min(step, size() - from);
            return new Rows(x.narrow(0, from, length), at.narrow(0, from, length), targets.narrow(0, from, length));
        }

        /// Cross-entropy of each row in nats, `[n]`, float32 at least.
        Tensor loss(LinearHead head) {
            var logits = logits(head);
            return logits.logsumexp(1).sub(logits.gather(1, targets.unsqueeze(1)).squeeze(1)).to(ScalarType.Double);
        }

        /// The gradient of the sum of the rows' losses with respect to what the matrix gives, `softmax − target` where nothing bounds it, in
        /// the matrix's element type, `[n, V]`.
        ///
        /// @param space at least `[n, V]`; the result lies in it
        Tensor difference(LinearHead head, Tensor space) {
            var p = space.narrow(0, 0, size());
            torch.mm_out(p, x, head.matrix().t());
            var bent = head.cap() == 0 ? null : head.finished(p).mul(new Scalar(1 / head.cap()));
            if (bent == null) {
                head.finished(p);
            }
            torch.softmax_out(p, p, 1);
            p.scatter_add_(1, targets.unsqueeze(1),
                    torch.full_like(targets.unsqueeze(1).to(p.scalar_type()), new Scalar(-1.0)));
            return bent == null ? p : p.addcmul_(p, bent.square_(), new Scalar(-1.0));
        }

        private Tensor logits(LinearHead head) {
            var logits = head.logits(x);
            return logits.scalar_type().intern() == ScalarType.BFloat16 ? logits.to(ScalarType.Float) : logits;
        }
    }
}
