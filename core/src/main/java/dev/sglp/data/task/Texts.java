package dev.sglp.data.task;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Texts of different lengths, each as tokens. Those of a batch have one length: none is padded. They carry no targets.
///
/// @param tokens of each
public record Texts(String name, List<int[]> tokens) implements Dataset {
    public Texts {
        tokens = List.copyOf(tokens);
    }

    @Override
    public int size() {
        return tokens.size();
    }

    @Override
    public Batch batch(int from, int to) {
        return pick(IntStream.range(from, to).toArray());
    }

    /// @throws IllegalArgumentException where they differ in length
    @Override
    public Batch pick(int... items) {
        long[] lengths = Arrays.stream(items).mapToLong(i -> tokens.get(i).length).distinct().toArray();
        if (lengths.length != 1) {
            throw new IllegalArgumentException("texts of %s tokens do not go together".formatted(
                    Arrays.toString(lengths)));
        }
        long[] ids = Arrays.stream(items).flatMap(i -> Arrays.stream(tokens.get(i))).asLongStream().toArray();
        var inputs = Scope.yield(() -> Tensors.longs(ids).view(items.length, lengths[0]));
        return new Batch(inputs, Scope.yield(() -> Tensors.longs(new long[items.length])));
    }

    @Override
    public long places(int from, int to) {
        return tokens.subList(from, to).stream().mapToLong(t -> t.length).sum();
    }

    @Override
    public List<String> classes() {
        return List.of();
    }

    @Override
    public List<String> itemHashes() {
        return tokens.stream().map(t -> Dataset.digest(Arrays.stream(t).mapToObj(String::valueOf)
                .collect(Collectors.joining(" ")).getBytes(java.nio.charset.StandardCharsets.UTF_8))).toList();
    }
}
