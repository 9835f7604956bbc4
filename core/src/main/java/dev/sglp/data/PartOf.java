package dev.sglp.data;

import java.util.List;

/// Some items of other data.
interface PartOf extends Dataset {
    /// The others.
    Dataset all();

    @Override
    default boolean draws() {
        return all().draws();
    }

    @Override
    default List<String> classes() {
        return all().classes();
    }

    /// Those of all: of text they are those of lines.
    @Override
    default List<String> itemHashes() {
        return all().itemHashes();
    }
}
