package dev.sglp.pickle;

import java.util.AbstractList;
import java.util.List;

/// A Python tuple. It may hold itself or be nested very deep: do not print, compare or hash one from a stranger's file.
public final class Tuple extends AbstractList<Object> {
    private final Object[] items;

    public Tuple(List<?> items) {
        this.items = items.toArray();
    }

    @Override
    public Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }
}
