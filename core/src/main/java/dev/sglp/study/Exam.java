package dev.sglp.study;

import dev.sglp.data.Dataset;
import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Readout;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.report.study.Also;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Further data on which the networks of a study are measured: perplexity alone misleads.
public sealed interface Exam extends AutoCloseable {
    /// As people call them.
    String name();

    /// What tells them from all others.
    String digest();

    /// Of each network, in their order.
    ///
    /// @param dense what they are compared with
    List<Also> of(LayeredModel dense, List<LayeredModel> networks, Progress progress);

    /// It holds nothing where nobody says otherwise.
    @Override
    default void close() {}

    /// A text.
    final class OnText implements Exam {
        private final String name;
        private final Dataset text;
        private @Nullable Readout known;

        public OnText(String name, Dataset text) {
            this.name = name;
            this.text = text;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String digest() {
            return text.size() + " " + text.digest();
        }

        @Override
        public List<Also> of(LayeredModel dense, List<LayeredModel> networks, Progress progress) {
            var evaluator = new Evaluator(text, 1);
            var answers = answers(evaluator, dense, progress);
            return (networks.equals(List.of(dense))
                    ? List.of(evaluator.evaluate(dense, answers))
                    : evaluator.compare(networks, answers, progress)).stream()
                    .map(e -> new Also(name, e.perplexity(), divergence(e.fidelity()), null)).toList();
        }

        private static @Nullable Double divergence(@Nullable Fidelity fidelity) {
            return fidelity == null ? null : fidelity.klDivergence();
        }

        private Readout answers(Evaluator evaluator, LayeredModel dense, Progress progress) {
            var found = known;
            if (found == null) {
                found = evaluator.predict(dense, progress);
                known = found;
            }
            return found;
        }

        @Override
        public void close() {
            if (known != null) {
                known.close();
            }
        }
    }

    /// Questions with several choices.
    record OnQuestions(MultipleChoice task, TaskEvaluator evaluator) implements Exam {
        @Override
        public String name() {
            return "task:" + task.kind().label();
        }

        @Override
        public String digest() {
            return "%s, %s".formatted(name(), task.digest());
        }

        @Override
        public List<Also> of(LayeredModel dense, List<LayeredModel> networks, Progress progress) {
            return networks.stream().map(
                    network -> new Also(name(), null, null, evaluator.score(network, task, progress).result()))
                    .toList();
        }
    }
}
