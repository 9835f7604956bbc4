package dev.sglp;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.importance.stream.StreamReading;
import dev.sglp.model.wave.Resume;
import dev.sglp.repair.RepairTask;
import dev.sglp.similarity.Cka;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a long run remembers, so that it need not be found out again when the run was killed.
public interface Notebook {
    /// What `work` finds, or what it found before.
    ///
    /// @param clock told how long the work took where it is not done again
    Analysis analysis(Stopwatch clock, Supplier<Analysis> work);

    /// The same criterion, remembering its scores.
    Criterion remembering(Criterion criterion);

    /// In which precision is scored, as it was measured before on the same data.
    default PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
            Supplier<PrecisionChoice> measured) {
        return measured.get();
    }

    /// What is found on the way of the pass for similarity.
    ///
    /// @param matrices           how similar the layers are
    /// @param stream             what those who listened heard
    /// @param seconds            it took
    /// @param forwardEquivalents what was computed for similarity alone
    record SimilarityPass(Cka.Resampled matrices, StreamReading.Known stream, double seconds,
            double forwardEquivalents) {}

    /// What the pass for similarity found, or what it found before.
    ///
    /// @param question everything that it depends on besides the network, in words
    default SimilarityPass similarity(String question, Supplier<SimilarityPass> work) {
        return work.get();
    }

    /// States of long work.
    ///
    /// @param question everything that it depends on besides the network, in words
    /// @param bytes    they take at the most
    /// @param say      told where they are kept, or that they are not
    default Resume states(String question, long bytes, Consumer<String> say) {
        return Resume.NEVER;
    }

    /// What a repair has fitted.
    ///
    /// @param question everything that it depends on besides the network, in words
    default RepairTask.Memory repair(String question) {
        return RepairTask.Memory.none();
    }

    /// Whether it holds scores of a run that was stopped, so that little is left to score.
    default boolean begun() {
        return false;
    }

    /// Seconds that remembered scores saved since the last call.
    double saved();

    /// One that leaves to another what it does not do itself.
    interface Over extends Notebook {
        Notebook notebook();

        @Override
        default Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
            return notebook().analysis(clock, work);
        }

        @Override
        default Criterion remembering(Criterion criterion) {
            return notebook().remembering(criterion);
        }

        @Override
        default PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
                Supplier<PrecisionChoice> measured) {
            return notebook().precision(wish, criterion, data, measured);
        }

        @Override
        default SimilarityPass similarity(String question, Supplier<SimilarityPass> work) {
            return notebook().similarity(question, work);
        }

        @Override
        default Resume states(String question, long bytes, Consumer<String> say) {
            return notebook().states(question, bytes, say);
        }

        @Override
        default RepairTask.Memory repair(String question) {
            return notebook().repair(question);
        }

        @Override
        default boolean begun() {
            return notebook().begun();
        }

        @Override
        default double saved() {
            return notebook().saved();
        }
    }

    /// Remembers nothing.
    static Notebook none() {
        return new Notebook() {
            @Override
            public Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
                return work.get();
            }

            @Override
            public Criterion remembering(Criterion criterion) {
                return criterion;
            }

            @Override
            public double saved() {
                return 0;
            }
        };
    }
}
