package dev.sglp.data;

import dev.sglp.tensor.Device;
import java.util.List;

/// Data whose batches lie on another device.
///
/// @param items  the same, on the processor
/// @param device where they are to lie
record Elsewhere(Dataset items, Device device) implements Dataset {
    @Override
    public String name() {
        return items.name();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Batch batch(int from, int to) {
        return items.batch(from, to).on(device);
    }

    @Override
    public Batch pick(int... chosen) {
        return items.pick(chosen).on(device);
    }

    @Override
    public void expect(List<int[]> picks) {
        items.expect(picks);
    }

    @Override
    public Dataset on(Device other) {
        return items.on(other);
    }

    @Override
    public boolean draws() {
        return items.draws();
    }

    @Override
    public Dataset drawn(long seed) {
        return new Elsewhere(items.drawn(seed), device);
    }

    @Override
    public long answers(int from, int to) {
        return items.answers(from, to);
    }

    @Override
    public long places(int from, int to) {
        return items.places(from, to);
    }

    @Override
    public List<String> classes() {
        return items.classes();
    }

    @Override
    public List<String> itemHashes() {
        return items.itemHashes();
    }

    @Override
    public String digest() {
        return items.digest();
    }
}
