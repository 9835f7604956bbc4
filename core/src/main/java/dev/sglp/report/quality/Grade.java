package dev.sglp.report.quality;

import dev.sglp.evaluation.AccuracyInterval;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.embedding.Agreement;
import dev.sglp.report.Human;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a network's worth is told in, and the words for it.
public enum Grade {
    /// Of networks whose answers are right or wrong; higher is better.
    ACCURACY {
        @Override
        public String change(Evaluation before, Evaluation after) {
            return Double.isFinite(before.accuracy()) && Double.isFinite(after.accuracy())
                    ? ", accuracy %s → %s".formatted(Human.percent(before.accuracy()), Human.percent(after.accuracy()))
                    : ", loss %s → %s".formatted(Human.number(before.loss()), Human.number(after.loss()));
        }

        @Override
        public String note(List<Evaluation> networks) {
            var last = networks.getLast();
            if (!Double.isFinite(last.accuracy())) {
                return "";
            }
            var sure = AccuracyInterval.of(last.accuracy(), last.examples());
            return "Measured on %s examples: accuracy between %s and %s (95 %% interval).".formatted(
                    Human.whole(last.examples()), Human.percent(sure.low()), Human.percent(sure.high()));
        }

        @Override
        public Optional<String> lost(Evaluation before, Evaluation after, String remedy) {
            double from = before.accuracy();
            double to = after.accuracy();
            return from > AccuracyInterval.of(to, after.examples()).high()
                    ? Loss.gravest(loss -> loss.ofAccuracy(from, to))
                            .map(loss -> "%s was lost: accuracy fell from %s to %s. %s".formatted(loss.word(),
                                    Human.percent(from), Human.percent(to), remedy))
                    : Optional.empty();
        }

        @Override
        public List<String> lines(Evaluation e, int classes) {
            var first = line("top-1 accuracy", "%s   (%,d of %,d right)".formatted(Human.percent(e.accuracy()),
                    e.right(), e.examples()));
            return classes > FIVE // else five guesses are always right
                    ? List.of(first, line("top-5 accuracy", Human.percent(e.top5())))
                    : List.of(first);
        }
    },
    /// Of language models; lower is better.
    PERPLEXITY {
        @Override
        public String change(Evaluation before, Evaluation after) {
            return ", perplexity %s → %s".formatted(Human.number(perplexity(before)), Human.number(perplexity(after)));
        }

        @Override
        public String note(List<Evaluation> networks) {
            var measured = "Measured on %s predicted tokens".formatted(Human.whole(networks.getLast().examples()));
            var interval = networks.getLast().interval();
            return interval == null
                    ? measured + "."
                    : "%s: perplexity between %s and %s (95 %% interval: %s)%s.".formatted(measured,
                            Human.number(interval.low()), Human.number(interval.high()), interval.method(),
                            networks.size() > 1 ? ". The text is the same for all, so the change is surer" : "");
        }

        @Override
        public Optional<String> lost(Evaluation before, Evaluation after, String remedy) {
            double from = perplexity(before);
            double to = perplexity(after);
            var share = Human.share(from, to);
            return Loss.gravest(loss -> loss.ofPerplexity(from, to))
                    .map(loss -> "%s was lost: perplexity rose from %s to %s%s. %s".formatted(
                            loss.word(), Human.number(from), Human.number(to),
                            share.isEmpty() ? "" : " (%s)".formatted(share), remedy));
        }

        @Override
        public List<String> lines(Evaluation e, int classes) {
            var first = line("perplexity", "%.4f   (%,d predicted tokens)".formatted(e.perplexity(), e.examples()));
            var all = new ArrayList<>(List.of(first));
            if (e.interval() != null) {
                all.add(line("95 % interval", "%.4f to %.4f   (%s)".formatted(e.interval().low(),
                        e.interval().high(), e.interval().method())));
            }
            all.add(line("tokens right", Human.percent(e.accuracy())));
            if (e.fidelity() != null) {
                all.add(line("KL", "%.6f nats a token   (from the network it is held against)".formatted(
                        e.fidelity().klDivergence())));
                all.add(line("agreement", "%s   (tokens with the same most likely next one)".formatted(
                        Human.percent(e.fidelity().top1Agreement()))));
            }
            return List.copyOf(all);
        }
    },
    /// Of encoders: how far embeddings agree with the dense network's; higher is better, 1 is the dense network itself.
    AGREEMENT {
        @Override
        public String change(Evaluation before, Evaluation after) {
            return ", embedding agreement (cosine) %s → %s".formatted(Human.number(cosine(before)),
                    Human.number(cosine(after)));
        }

        @Override
        public String note(List<Evaluation> networks) {
            var last = agreement(networks.getLast());
            return "Measured on %s texts: the cosine between each text's embedding and the dense network's is %s on average (95 %% interval %s to %s), at least %s."
                    .formatted(Human.whole(networks.getLast().examples()), Human.number(last.cosine()),
                            Human.number(last.low()), Human.number(last.high()), Human.number(last.least()));
        }

        @Override
        public Optional<String> lost(Evaluation before, Evaluation after, String remedy) {
            double to = cosine(after);
            return Loss.gravest(loss -> loss.ofAgreement(to))
                    .map(loss -> "%s was lost: embeddings agree with the dense network's by %s (cosine). Remove fewer layers."
                            .formatted(loss.word(), Human.number(to)));
        }

        @Override
        public List<String> lines(Evaluation e, int classes) {
            var found = agreement(e);
            return List.of(line("agreement", "%.6f   (cosine of embeddings, mean over %,d examples)".formatted(
                    found.cosine(), e.examples())),
                    line("95 % interval", "%.6f to %.6f".formatted(found.low(), found.high())),
                    line("least", "%.6f".formatted(found.least())));
        }

        @Override
        public String loss() {
            return ONE_MINUS;
        }

        @Override
        public String prefill(String tokens) {
            return "Forward pass of " + tokens + " tokens";
        }

        @Override
        public String speed() {
            return "Tokens a second";
        }
    };

    /// What the loss of embeddings is.
    public static final String ONE_MINUS = "1 − cosine";
    private static final int FIVE = 5;

    /// Of what was measured.
    public static Grade of(Evaluation e) {
        return e.agreement() != null ? AGREEMENT : e.perplexity() != null ? PERPLEXITY : ACCURACY;
    }

    /// From one network to another, behind a sentence's beginning.
    public abstract String change(Evaluation before, Evaluation after);

    /// How sure what was measured last is, one sentence; empty where there is none.
    public abstract String note(List<Evaluation> networks);

    /// What was lost, and not by chance, with what may help; empty where little was.
    ///
    /// @param remedy what can be done about it
    public abstract Optional<String> lost(Evaluation before, Evaluation after, String remedy);

    /// What is told of one network.
    ///
    /// @param classes how many there are to tell apart
    public abstract List<String> lines(Evaluation e, int classes);

    /// What the loss is counted in.
    public String loss() {
        return "nats";
    }

    /// Whether costs are those of a token.
    public boolean tokens() {
        return this != ACCURACY;
    }

    /// What the time of a window is called.
    public String prefill(String tokens) {
        return "Prefill of " + tokens + " tokens";
    }

    /// What the number of tokens a second is called.
    public String speed() {
        return "Prefill, tokens a second";
    }

    private static double perplexity(Evaluation e) {
        return e.perplexity() == null ? Double.NaN : e.perplexity();
    }

    private static double cosine(Evaluation e) {
        return e.agreement() == null ? Double.NaN : e.agreement().cosine();
    }

    private static Agreement agreement(Evaluation e) {
        return java.util.Objects.requireNonNull(e.agreement());
    }

    /// As commands print it.
    public static String line(String label, String value) {
        return "  %-16s %s".formatted(label, value);
    }
}
