package dev.sglp.method.decision;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.model.Pass;
import java.util.function.Function;

/// What of the best plans is compared; the lowest wins.
public sealed interface Decision {
    /// @param pass what batch norm normalises by
    Criterion by(Pass pass);

    /// What is compared, after "compared by".
    String words();

    /// On the verification data.
    enum OnData implements Decision {
        /// The network's own objective.
        LOSS("their loss on the verification data", LossWhenAbsent::new),
        /// KL(dense ‖ network).
        KL("their divergence from the dense network on the verification data (KL in nats; of embeddings 1 − cosine)", Kl::new);

        private final String words;
        private final Function<Pass, Criterion> criterion;

        OnData(String words, Function<Pass, Criterion> criterion) {
            this.words = words;
            this.criterion = criterion;
        }

        @Override
        public Criterion by(Pass pass) {
            return criterion.apply(pass);
        }

        @Override
        public String words() {
            return words;
        }
    }

    /// On questions that have nothing to do with the verification data.
    record OnQuestions(ChoiceLoss questions) implements Decision {
        @Override
        public Criterion by(Pass pass) {
            return questions;
        }

        @Override
        public String words() {
            return "how likely they find the right choices of %d questions of %s (cross-entropy over the choices, nats)"
                    .formatted(questions.task().items().size(), questions.task().kind().label());
        }

        @Override
        public String toString() {
            return questions.toString();
        }
    }
}
