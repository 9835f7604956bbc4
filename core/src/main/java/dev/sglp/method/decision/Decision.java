package dev.sglp.method.decision;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.model.Pass;

/// What of the best plans is compared; the lowest wins.
public sealed interface Decision {
    /// @param pass what batch norm normalises by
    Criterion by(Pass pass);

    /// What is compared, after "compared by".
    String words();

    /// On the verification data.
    enum OnData implements Decision {
        /// The network's own objective.
        LOSS {
            @Override
            public Criterion by(Pass pass) {
                return new LossWhenAbsent(pass);
            }

            @Override
            public String words() {
                return "their loss on the verification data";
            }
        },
        /// KL(dense ‖ network).
        KL {
            @Override
            public Criterion by(Pass pass) {
                return new Kl(pass);
            }

            @Override
            public String words() {
                return "their divergence from the dense network on the verification data (KL, nats)";
            }
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
