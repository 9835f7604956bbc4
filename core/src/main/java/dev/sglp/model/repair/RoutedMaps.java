package dev.sglp.model.repair;

import dev.sglp.model.Pass;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// How a layer ends in which each token goes through some of several maps, weighted: experts. A repair fits one after the other, each
/// on the tokens that ask it.
public interface RoutedMaps {
    /// What a forward pass shows, `[B, T, D]` each.
    ///
    /// @param read what the maps' owners read
    /// @param sum  the layer's output
    record Run(Tensor read, Tensor sum) {}

    Run run(Tensor x, Pass pass);

    /// Whom tokens ask.
    ///
    /// @param asked   the numbers of the maps, `[n, k]`
    /// @param weights by what each is multiplied, `[n, k]`
    record Routing(Tensor asked, Tensor weights) {}

    /// @param read of some tokens, `[n, D]`
    Routing routing(Tensor read);

    /// How many maps there are.
    int count();

    /// What a map multiplies.
    ///
    /// @param rows  the tokens that ask it, `[m]`
    /// @param inner what it multiplies of each, with the token's weight, `[m, f]`
    record Seen(Tensor rows, Tensor inner) {}

    /// @param read of the tokens of this routing
    Seen seen(int map, Tensor read, Routing routing);

    /// A map's tensor by its name, and what it is with this added.
    ///
    /// @param difference `[D, f]`
    SequencedMap<String, Tensor> plus(int map, Tensor difference);

    /// How strongly a fit is held to the map that is there where nobody says otherwise, as {@link LastMap#ridge}.
    double ridge();
}
