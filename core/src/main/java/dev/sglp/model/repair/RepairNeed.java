package dev.sglp.model.repair;

/// What a repair needs of a network, so that it can be refused before anything is read.
public enum RepairNeed {
    /// Some layer's end can be fitted anew.
    LAST_MAP("networks whose layers end in a map that can be fitted anew"),
    /// The stream behind each layer can be scaled.
    NORMED_STREAM("networks that read their stream through norms"),
    /// Layers read vectors, one a token or patch.
    TOKEN_STREAM("networks whose layers read and add to a stream of vectors"),
    /// Some layer ends in a single matrix, and what it gives is added as it is.
    PLAIN_MATRIX("networks whose layers end in a single matrix, to whose output nothing is done");

    private final String networks;

    RepairNeed(String networks) {
        this.networks = networks;
    }

    /// The networks that have it, in words.
    public String networks() {
        return networks;
    }
}
