package dev.sglp.report.quality;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// How much is told as lost: from a tenth on something, from a half on much.
enum Loss {
    SOME("Some", 0.1, 0.02, 0.9), MUCH("Much", 0.5, 0.05, 0.7);

    private final String word;
    /// Of perplexity, or of accuracy where that is less than the points.
    private final double share;
    /// Of accuracy: a tenth of a good network's would be several times what papers call a loss.
    private final double points;
    /// Embeddings that agree less.
    private final double cosine;

    Loss(String word, double share, double points, double cosine) {
        this.word = word;
        this.share = share;
        this.points = points;
        this.cosine = cosine;
    }

    String word() {
        return word;
    }

    boolean ofPerplexity(double before, double after) {
        return !(after <= (1 + share) * before); // what is not a number is lost
    }

    boolean ofAccuracy(double before, double after) {
        return before - after > Math.min(points, share * before);
    }

    boolean ofAgreement(double found) {
        return !(found >= cosine);
    }

    static Optional<Loss> gravest(Predicate<Loss> happened) {
        return List.of(MUCH, SOME).stream().filter(happened).findFirst();
    }
}
