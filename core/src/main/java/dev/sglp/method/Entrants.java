package dev.sglp.method;

import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Kl;
import dev.sglp.method.stream.Clusters;
import dev.sglp.method.stream.Contiguous;
import dev.sglp.method.stream.PruneComp;
import java.util.ArrayList;
import java.util.List;

/// The methods whose plans meet in {@link Auto}.
final class Entrants {
    private static final List<Entrant> USUAL = List.of(
            new Entrant("sglp, kl", new SglpMethod(), Kl.standard()),
            new Entrant("sleb, kl", new Sleb(), Kl.standard()),
            new Entrant("block influence", new OneShot(), new BlockInfluence()),
            new Entrant("contiguous", new Contiguous(), new Contiguous().criterion(Kl.standard())),
            new Entrant("clusters", new Clusters(), new Clusters().criterion(Kl.standard())),
            new Entrant("prune&comp", new PruneComp(), new PruneComp().criterion(Kl.standard())));

    private Entrants() {}

    /// @param criterion by which it scores
    record Entrant(String name, Method method, Criterion criterion) {}

    /// SGLP by the user's own criterion first, where it is another one.
    static List<Entrant> of(Criterion asked) {
        var all = new ArrayList<Entrant>();
        if (!asked.name().equals(Kl.standard().name())) {
            all.add(new Entrant("sglp, " + asked.name(), new SglpMethod(), asked));
        }
        all.addAll(USUAL);
        return all;
    }
}
