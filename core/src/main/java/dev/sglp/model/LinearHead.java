package dev.sglp.model;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// A head that ends in one matrix product: `logits = c · tanh((prepared · Wᵀ + b) / c)`, mostly without the bias `b` and the cap `c`.
/// Knowing it, {@link Ending} never makes the logits of all examples at once.
public interface LinearHead extends Part {
    /// Logits that may exist at a time.
    long LOGITS = 1 << 23;

    /// What is multiplied with the matrix, for instance the normalised hidden state: `[n, D] → [n, D]`.
    ///
    /// Its trainable tensors are all of the head's but the matrix and its bias.
    Part prepare();

    /// `[V, D]`; it may be tied to another part's tensor.
    Tensor matrix();

    /// `[V]`; empty where there is none.
    default Optional<Tensor> bias() {
        return Optional.empty();
    }

    /// The largest a logit can be; 0 for no bound.
    default double cap() {
        return 0;
    }

    @Override
    default Tensor forward(Tensor x, Pass pass) { // […, D] → […, V]
        var prepared = prepare().forward(x, pass);
        var rows = logits(prepared.reshape(-1, prepared.size(-1)));
        var shape = prepared.shape();
        shape[shape.length - 1] = rows.size(1);
        return rows.view(shape);
    }

    /// @param prepared `[n, D]`
    default Tensor logits(Tensor prepared) { // [n, V]
        return finished(prepared.mm(matrix().t()));
    }

    /// Of what the matrix gave, in its place.
    default Tensor finished(Tensor product) { // [n, V]
        bias().ifPresent(product::add_);
        if (cap() != 0) {
            product.mul_(new Scalar(1 / cap())).tanh_().mul_(new Scalar(cap()));
        }
        return product;
    }

    /// Of how many rows the logits may exist at a time: some tens of megabytes.
    default long rowsAtATime() {
        return Math.max(1, LOGITS / matrix().size(0));
    }

    /// The places of the rows that have a target, `[n]`, among all of `targets`.
    static Tensor targeted(Tensor targets) {
        return targets.reshape(-1).ne(new Scalar((double) Ending.NO_TARGET)).nonzero().squeeze(1);
    }
}
