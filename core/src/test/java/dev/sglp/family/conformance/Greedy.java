package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// What transformers writes greedily behind two prompts; `tools/make_generation_fixtures.py` asked it.
///
/// @param longer  behind 9 tokens
/// @param shorter behind 4 tokens
record Greedy(List<Integer> longer, List<Integer> shorter) {
    private static final int LIMIT = 12;

    static Greedy of(String name) throws IOException {
        var all = new ObjectMapper().readValue(Fixture.HERE.resolve("greedy.json").toFile(),
                new TypeReference<Map<String, Map<String, Object>>>() {
                });
        return new Greedy(numbers(all.get(name).get("long")), numbers(all.get(name).get("short")));
    }

    private static List<Integer> numbers(Object list) {
        return ((List<?>) list).stream().map(Integer.class::cast).toList();
    }

    static void check(Fixture fixture, String name) throws IOException {
        var expected = of(name);
        var prompts = List.of(row(fixture, 0, 9), row(fixture, 1, 4));
        var model = fixture.model();
        assertThat(written(model, prompts, 2)).as("side by side").containsExactly(expected.longer, expected.shorter);
        assertThat(written(model, prompts.reversed(), 1)).as("alone").containsExactly(expected.shorter,
                expected.longer);
        assertThat(prompts.stream().map(prompt -> whole(model, prompt))).as("by whole passes")
                .containsExactly(expected.longer, expected.shorter);
        assertThat(written(model, List.of(prompts.get(0), prompts.get(1), prompts.get(1)), 2)).as("one after the other")
                .containsExactly(expected.longer, expected.shorter, expected.shorter);
    }

    private static List<List<Integer>> written(LayeredModel model, List<int[]> prompts, int batch) {
        var generator = new Generator(model, new Generator.Settings(Sampling.GREEDY, Set.of(), LIMIT, batch));
        return generator.of(prompts, (_, _) -> {}).stream().map(Continuation::tokens)
                .map(tokens -> IntStream.of(tokens).boxed().toList()).toList();
    }

    private static List<Integer> whole(LayeredModel model, int[] prompt) {
        var text = new ArrayList<>(IntStream.of(prompt).boxed().toList());
        while (text.size() < prompt.length + LIMIT) {
            try (var _ = Scope.open()) {
                var ids = Tensors.longs(text.stream().mapToLong(i -> i).toArray()).unsqueeze(0);
                Tensor logits = Autograd.off(() -> model.forward(ids, Pass.evaluation())).select(1, text.size() - 1);
                text.add((int) logits.argmax().item_long());
            }
        }
        return text.subList(prompt.length, text.size());
    }

    private static int[] row(Fixture fixture, int row, int length) {
        return Arrays.stream(Tensors.toDoubles(fixture.inputs().select(0, row).narrow(0, 0, length)))
                .mapToInt(token -> (int) token).toArray();
    }
}
