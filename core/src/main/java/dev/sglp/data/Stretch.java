package dev.sglp.data;

import dev.sglp.tensor.Device;

/// Consecutive items of other data.
///
/// @param all  the others
/// @param from the first
/// @param to   the first that no longer belongs to it
public record Stretch(Dataset all, int from, int to) implements PartOf {
    @Override
    public String name() {
        return "%s, items %d to %d".formatted(all.name(), from, to - 1);
    }

    @Override
    public int size() {
        return to - from;
    }

    @Override
    public Batch batch(int first, int last) {
        return all.batch(from + first, from + last);
    }

    @Override
    public Batch pick(int... items) {
        return all.pick(java.util.Arrays.stream(items).map(i -> from + i).toArray());
    }

    @Override
    public Stretch on(Device device) {
        var there = all.on(device);
        return there == all ? this : new Stretch(there, from, to);
    }

    @Override
    public Stretch drawn(long seed) {
        return new Stretch(all.drawn(seed), from, to);
    }

    @Override
    public long places(int first, int last) {
        return all.places(from + first, from + last);
    }

    @Override
    public long answers(int first, int last) {
        return all.answers(from + first, from + last);
    }

    @Override
    public String digest() {
        return "%s, %d to %d".formatted(all.digest(), from, to);
    }
}
