package dev.sglp.data;

import dev.sglp.tensor.Device;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;

/// Some items of other data, in another order.
///
/// @param all   the others
/// @param items their places there
public record Subset(Dataset all, List<Integer> items) implements PartOf {
    public Subset {
        items = List.copyOf(items);
    }

    @Override
    public String name() {
        return "%s, %d of its items".formatted(all.name(), items.size());
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Batch batch(int first, int last) {
        return all.pick(places(items.subList(first, last)));
    }

    @Override
    public Batch pick(int... some) {
        return all.pick(Arrays.stream(some).map(items::get).toArray());
    }

    private static int[] places(List<Integer> items) {
        return items.stream().mapToInt(i -> i).toArray();
    }

    @Override
    public Subset on(Device device) {
        var there = all.on(device);
        return there == all ? this : new Subset(there, items);
    }

    @Override
    public Subset drawn(long seed) {
        return new Subset(all.drawn(seed), items);
    }

    @Override
    public long places(int first, int last) {
        return sum(first, last, i -> all.places(i, i + 1));
    }

    @Override
    public long answers(int first, int last) {
        return sum(first, last, i -> all.answers(i, i + 1));
    }

    private long sum(int first, int last, IntToLongFunction each) {
        return items.subList(first, last).stream().mapToLong(each::applyAsLong).sum();
    }

    @Override
    public String digest() {
        return "%s, %s".formatted(all.digest(), items);
    }
}
