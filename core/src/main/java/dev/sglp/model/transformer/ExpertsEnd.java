package dev.sglp.model.transformer;

import dev.sglp.model.Pass;
import dev.sglp.model.repair.RoutedMaps;
import dev.sglp.model.transformer.mixer.Experts;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A block whose last sublayer is experts ends in their maps.
///
/// @param first   the other sublayers
/// @param last    the experts' one, whose output is added as it is
/// @param experts of the last
record ExpertsEnd(List<Sublayer> first, Sublayer last, Experts experts, double ridge) implements RoutedMaps {
    @Override
    public Run run(Tensor x, Pass pass) { // [B, T, D]
        var h = x;
        for (var sublayer : first) {
            h = sublayer.addedTo(h, h);
        }
        var read = last.before().forward(h);
        return new Run(read, experts.addedTo(h, read));
    }

    @Override
    public Routing routing(Tensor read) {
        return experts.routing(read);
    }

    @Override
    public int count() {
        return experts.experts().size();
    }

    @Override
    public Seen seen(int map, Tensor read, Routing routing) {
        var asking = experts.asking(map, routing);
        var inner = experts.experts().get(map).inner(read.index_select(0, asking.rows()));
        return new Seen(asking.rows(), inner.mul(asking.weights()));
    }

    @Override
    public SequencedMap<String, Tensor> plus(int map, Tensor difference) {
        return experts.experts().get(map).down().plus(difference, Optional.empty()).parameters();
    }
}
