package dev.sglp.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.data.task.MultipleChoice;
import dev.sglp.data.task.MultipleChoice.Item;
import dev.sglp.data.task.MultipleChoice.Request;
import dev.sglp.data.task.TaskKind;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Log-likelihoods against sums written out in plain Java, on a causal network of two matrices.
final class TaskEvaluatorTest {
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 3;

    /// Rows of a matrix, chosen by token ids.
    private record Embedding(Tensor rows) implements Part {
        @Override
        public Tensor forward(Tensor ids, Pass pass) { // [B, T] → [B, T, D]
            return rows.index_select(0, ids.view(-1)).view(ids.size(0), ids.size(1), WIDTH);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>();
        }
    }

    /// Adds up everything before: causal, and blind to what comes later.
    private record Sum(String name) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.cumsum(1);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>();
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return this;
        }
    }

    /// `x W`, of positions in any arrangement.
    private record Head(Tensor matrix) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [P, D] → [P, V]
            return x.matmul(matrix);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new LinkedHashMap<>();
        }
    }

    private final double[][] rows = random(1, VOCABULARY, WIDTH);
    private final double[][] matrix = random(2, WIDTH, VOCABULARY);

    private static double[][] random(long seed, int n, int m) {
        RandomGenerator generator = new java.util.SplittableRandom(seed);
        var values = new double[n][m];
        for (var row : values) {
            for (int j = 0; j < m; j++) {
                row[j] = (float) generator.nextDouble(-1, 1);
            }
        }
        return values;
    }

    private static Tensor tensor(double[][] values) {
        var flat = new float[values.length * values[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) values[i / values[0].length][i % values[0].length];
        }
        return Tensors.floats(flat, values.length, values[0].length);
    }

    private LayeredModel model() {
        return new LayeredModel("sum", new Embedding(tensor(rows)), List.of(new Sum("sum")), new Head(tensor(matrix)),
                Objective.crossEntropy(), Layout.TOKENS);
    }

    private double logLikelihood(Request request, int context) {
        var all = new ArrayList<Integer>();
        for (int token : request.context()) {
            all.add(token);
        }
        for (int token : request.continuation()) {
            all.add(token);
        }
        int first = Math.max(0, all.size() - 1 - context);
        double sum = 0;
        double[] state = new double[WIDTH];
        for (int t = first; t + 1 < all.size(); t++) {
            for (int d = 0; d < WIDTH; d++) {
                state[d] += rows[all.get(t)][d];
            }
            if (t + 1 >= request.context().length) {
                sum += logProbability(state, all.get(t + 1));
            }
        }
        return sum;
    }

    private double logProbability(double[] state, int token) {
        double total = 0;
        double own = 0;
        for (int v = 0; v < VOCABULARY; v++) {
            double logit = 0;
            for (int d = 0; d < WIDTH; d++) {
                logit += state[d] * matrix[d][v];
            }
            total += Math.exp(logit);
            own = v == token ? logit : own;
        }
        return own - Math.log(total);
    }

    private static MultipleChoice task(TaskKind kind) {
        var shared = new int[]{1, 2, 3, 4};
        var items = List.of(
                new Item(List.of(new Request(shared, new int[]{5}), new Request(shared, new int[]{6}),
                        new Request(shared, new int[]{5, 7, 8})), List.of(4, 1, 9), 2),
                new Item(List.of(new Request(new int[]{9, 10}, new int[]{3, 1}),
                        new Request(new int[]{9, 8, 7, 6, 5, 4, 3}, new int[]{3, 1})), List.of(2, 2), 0),
                new Item(List.of(new Request(new int[]{0}, new int[]{2}), new Request(new int[]{0}, new int[]{})),
                        List.of(3, 5), 1));
        return new MultipleChoice(kind, "own", items, List.of());
    }

    @ParameterizedTest
    @CsvSource({"1, 100", "7, 100", "1000, 100", "1000, 3"})
    void everyChoiceHasTheSumOfItsContinuation(int batchTokens, int context) {
        try (var _ = Scope.open()) {
            var task = task(TaskKind.PIQA);
            var scores = new TaskEvaluator(batchTokens, context).score(model(), task, Progress.silent());
            for (int i = 0; i < task.items().size(); i++) {
                var requests = task.items().get(i).requests();
                for (int c = 0; c < requests.size(); c++) {
                    assertThat(scores.logLikelihoods()[i][c]).as("%d.%d", i, c)
                            .isCloseTo(logLikelihood(requests.get(c), context), within(1e-5));
                }
            }
        }
    }

    @Test
    void choicesThatBeginAlikeShareARow() {
        var rows = Rows.of(task(TaskKind.PIQA), 100);
        assertThat(rows).hasSize(4);
        assertThat(rows.getFirst().tokens()).hasSize(8);
        assertThat(rows.stream().mapToInt(r -> r.targets().size())).containsExactly(2, 5, 2, 1);
    }

    @Test
    void theAnswerIsTheLikeliestChoiceAndNormalisationIsByCharacters() {
        var scores = new TaskScores(task(TaskKind.PIQA), new double[][]{{-4, -2, -9}, {-3, -3}, {-2, -1}});
        assertThat(scores.choice(0)).isEqualTo(1);
        assertThat(scores.normalisedChoice(0)).as("-1, -2, -1: the first of equals").isEqualTo(0);
        assertThat(scores.choice(1)).as("the first of equals").isEqualTo(0);
        var result = scores.result();
        assertThat(result.acc()).isEqualTo(2 / 3.0);
        assertThat(result.accNorm()).isEqualTo(2 / 3.0);
        assertThat(result.stderr()).isCloseTo(Math.sqrt(2 / 3.0 / 3 / 2), within(1e-12));
        assertThat(new TaskScores(task(TaskKind.WINOGRANDE), scores.logLikelihoods()).result().accNorm()).isNull();
    }

    @Test
    void twoNetworksAgreeOnTheItemsTheyAnswerAlike() {
        var one = new TaskScores(task(TaskKind.PIQA), new double[][]{{-4, -2, -9}, {-3, -3}, {-2, -1}});
        var two = new TaskScores(task(TaskKind.PIQA), new double[][]{{-4, -2, -9}, {-3, -2}, {-1, -2}});
        assertThat(one.agreement(two)).isEqualTo(1 / 3.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> one.agreement(new TaskScores(one.task(), new double[1][1])));
    }
}
