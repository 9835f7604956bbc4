package dev.sglp.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the network was trained for.
@FunctionalInterface
public interface Objective {
    /// The mean loss over the batch, a scalar: in nats, of embeddings a number from 0 to 2.
    ///
    /// @param output  what the head gives
    /// @param targets what the batch carries
    Tensor loss(Tensor output, Tensor targets);

    /// What the head's output says.
    enum Answer {
        /// Of each example, its class.
        CLASS,
        /// At each position, the token that comes next.
        NEXT_TOKEN,
        /// At each masked position, the token that stood there.
        MASKED_TOKEN,
        /// Of each example, a vector that stands for it.
        EMBEDDING;

        /// What people call its numbers.
        public String numbers() {
            return this == EMBEDDING ? "embeddings" : "logits";
        }

        /// What a loss is counted in.
        public String lossIn() {
            return this == EMBEDDING ? "1 − cosine" : "nats";
        }

        /// Whether it is a token of the vocabulary, at many positions of an example.
        public boolean token() {
            return this == NEXT_TOKEN || this == MASKED_TOKEN;
        }
    }

    default Answer answer() {
        return Answer.CLASS;
    }

    /// How far another network's answers are from those of a reference, a scalar in float64: the mean KL divergence in nats over the
    /// examples, or the tokens with a target.
    ///
    /// @param reference what the reference's head gives
    /// @param other     what the other's gives
    /// @param targets   what the batch carries
    default Tensor divergence(Tensor reference, Tensor other, Tensor targets) {
        var p = torch.log_softmax(answered(reference, targets), 1);
        var q = torch.log_softmax(answered(other, targets), 1);
        return p.exp().mul_(p.sub(q)).sum(1).to(ScalarType.Double).mean();
    }

    private Tensor answered(Tensor logits, Tensor targets) { // [n, C]
        return answer().token()
                ? logits.flatten(0, logits.dim() - 2).index_select(0, LinearHead.targeted(targets))
                : logits;
    }

    /// Agreement with another network, mostly the dense one: `1 − cos` between embeddings `[B, D]` and those the batch carries, the mean
    /// over the batch.
    static Objective agreement() {
        return Agreement.INSTANCE;
    }

    /// One of its kind.
    enum Agreement implements Objective {
        INSTANCE;

        private static final double LEAST = 1e-12; // of a length

        @Override
        public Answer answer() {
            return Answer.EMBEDDING;
        }

        @Override
        public Tensor loss(Tensor embeddings, Tensor targets) {
            if (!targets.is_floating_point()) {
                throw new IllegalArgumentException("the batch carries no embeddings to agree with");
            }
            return cosines(embeddings, targets).mean().neg().add(new Scalar(1.0));
        }

        @Override
        public Tensor divergence(Tensor reference, Tensor other, Tensor targets) {
            return loss(other.to(ScalarType.Double), reference.to(ScalarType.Double));
        }

        /// Of each example, `[B]`.
        public static Tensor cosines(Tensor embeddings, Tensor others) { // [B, D]
            return torch.cosine_similarity(embeddings, others, 1, LEAST);
        }
    }

    /// Cross-entropy of class logits `[B, C]` with class indices `[B]`.
    static Objective crossEntropy() {
        return smoothedCrossEntropy(0);
    }

    /// Cross-entropy of the next token: logits `[…, V]` with targets `[…]`, the mean in nats over the targets that are not
    /// −100, computed in float32; NaN where there is none.
    static Objective nextToken() {
        return Tokens.NEXT;
    }

    /// The same of masked tokens.
    static Objective maskedToken() {
        return Tokens.MASKED;
    }

    /// Those over the vocabulary, so that {@link Ending} recognises them.
    enum Tokens implements Objective {
        NEXT(Answer.NEXT_TOKEN), MASKED(Answer.MASKED_TOKEN);

        private final Answer answer;

        Tokens(Answer answer) {
            this.answer = answer;
        }

        @Override
        public Answer answer() {
            return answer;
        }

        @Override
        public Tensor loss(Tensor logits, Tensor targets) {
            return torch.cross_entropy_loss(logits.reshape(-1, logits.size(-1)).to(ScalarType.Float),
                    targets.reshape(-1), new TensorOptional(), 1, Ending.NO_TARGET, 0);
        }
    }

    /// Cross-entropy with label smoothing: the target is `1 − ε` on the class and `ε/C` everywhere.
    static Objective smoothedCrossEntropy(double epsilon) {
        return (logits, classes) -> torch.cross_entropy_loss(logits, classes, new TensorOptional(), 1, Ending.NO_TARGET,
                epsilon);
    }
}
