package dev.sglp.importance.wave;

import dev.sglp.model.Tape.Node;
import dev.sglp.model.Tape.Turn;
import dev.sglp.model.wave.StreamedLayer;
import dev.sglp.model.wave.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The places that a candidate passes, those of the beginning shared with others.
///
/// @param places from the stem to the last layer
/// @param head   what comes behind them
record CandidatePath(List<Place> places, Node head) {
    /// Those of several candidates.
    static List<CandidatePath> all(List<Turn> turns) {
        var stems = new ArrayList<Place>();
        return turns.stream().map(turn -> of(turn, stems)).toList();
    }

    private static CandidatePath of(Turn turn, List<Place> stems) {
        var places = new ArrayList<Place>();
        var known = stems;
        for (var node : turn.path().subList(0, turn.path().size() - 1)) {
            var before = places.isEmpty() ? null : places.getLast();
            var place = known.stream().filter(p -> p.is(node)).findFirst().orElse(null);
            if (place == null) {
                place = new Place(node, before);
                known.add(place);
            }
            places.add(place);
            known = place.after;
        }
        places.getLast().users += 2; // the head, and once more where it shares a tensor with the stem
        return new CandidatePath(List.copyOf(places), turn.path().getLast());
    }

    Place stem() {
        return places.getFirst();
    }

    Place last() {
        return places.getLast();
    }

    /// A part that some candidates enter with the same activations.
    static final class Place {
        final Node node;
        final @Nullable Place before;
        final int rank; // of the layer in the dense network; -1 is the stem
        final boolean upstream; // whether anything before it wants gradients
        final boolean recorded; // whether it or anything before it does
        private final List<Place> after = new ArrayList<>();
        private int users; // that need what it gives, and will not have done so once more
        private Waiting.Item[] given = new Waiting.Item[0]; // by batch

        private Place(Node node, @Nullable Place before) {
            this.node = node;
            this.before = before;
            upstream = before != null && before.recorded;
            recorded = upstream || node.weights() && !node.part().parameters().isEmpty();
            rank = node.part() instanceof StreamedLayer layer ? layer.index() : before == null ? -1 : before.rank + 1;
            if (before != null) {
                before.users += recorded ? 2 : 1; // forward and back
            }
        }

        private boolean is(Node other) {
            return node.part() == other.part() && node.weights() == other.weights();
        }

        void gives(Waiting.Item[] items) {
            given = items;
        }

        Waiting.Item given(int batch) {
            return given[batch];
        }

        /// One of its users needs it no longer.
        void release() {
            if (--users == 0) {
                for (var item : given) {
                    item.free();
                }
            }
        }
    }
}
