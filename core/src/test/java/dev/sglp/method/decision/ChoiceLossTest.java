package dev.sglp.method.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.data.task.MultipleChoice;
import dev.sglp.data.task.MultipleChoice.Item;
import dev.sglp.data.task.MultipleChoice.Request;
import dev.sglp.data.task.TaskKind;
import dev.sglp.evaluation.task.TaskScores;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChoiceLossTest {
    private static Item item(int right) {
        return new Item(List.of(new Request(new int[]{1}, new int[]{2}), new Request(new int[]{1}, new int[]{3})),
                List.of(1, 1), right);
    }

    private static MultipleChoice task(int... right) {
        return new MultipleChoice(TaskKind.named("piqa"), "f",
                java.util.Arrays.stream(right).mapToObj(ChoiceLossTest::item).toList(), List.of());
    }

    /// By hand: −log of `e⁻¹ / (e⁻¹ + e⁻²)` and of `1/2`.
    @Test
    void itIsTheCrossEntropyOverTheChoices() {
        var scores = new TaskScores(task(0, 1), new double[][]{{-1, -2}, {-400, -400}});
        double first = -Math.log(Math.exp(-1) / (Math.exp(-1) + Math.exp(-2)));
        assertThat(ChoiceLoss.mean(scores)).isCloseTo((first + Math.log(2)) / 2, within(1e-12));
    }

    @Test
    void otherQuestionsOrAnswersHaveAnotherDigest() {
        assertThat(task(0, 1).digest()).isEqualTo(task(0, 1).digest()).isNotEqualTo(task(1, 1).digest())
                .isNotEqualTo(task(0).digest());
    }
}
