package dev.sglp.importance;

import dev.sglp.importance.GradNorm.Absence;
import dev.sglp.importance.GradNorm.Range;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Tape.Node;
import dev.sglp.tensor.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The path through the network that each candidate means: present layers, absent ones, and whose weights are counted.
final class CandidatePaths {
    private final LayeredModel model;
    private final ScoringTask task;
    private final GradNorm settings;
    private final TreeSet<Integer> contested = new TreeSet<>();
    private final Map<Integer, Layer> random;

    CandidatePaths(ScoringTask task, GradNorm settings, Seed seed) {
        this.model = task.model();
        this.task = task;
        this.settings = settings;
        for (int i = task.segment().from(); i < task.segment().to(); i++) {
            if (model.layers().get(i).removable() && !task.kept().contains(i)) {
                contested.add(i);
            }
        }
        random = settings.absence() == Absence.REINIT ? random(seed) : Map.of();
    }

    /// All candidates share the random weights of a layer; they are made in the scope that is open, or when the layer runs.
    private Map<Integer, Layer> random(Seed seed) {
        return task.candidates().stream().flatMap(c -> c.indices().stream()).distinct()
                .collect(Collectors.toMap(i -> i, i -> model.layers().get(i).reinitialised(seed)));
    }

    /// The path of the network without the layers of the candidate at this place.
    List<Node> of(int candidate) {
        var absent = task.candidates().get(candidate);
        var path = new ArrayList<Node>();
        boolean everywhere = settings.scope() == Range.ALL;
        path.add(new Node(model.stem(), everywhere));
        for (int i = 0; i < model.layers().size(); i++) {
            boolean counted = everywhere || task.segment().contains(i);
            if (settings.absence() == Absence.REINIT) {
                path.add(new Node(absent.contains(i) ? random.get(i) : model.layers().get(i), counted));
            } else if (!absent.contains(i)) {
                // only tensors that every candidate keeps are counted, so that r and r + 1 compare
                path.add(new Node(model.layers().get(i), counted && !contested.contains(i)));
            }
        }
        path.add(new Node(model.head(), everywhere));
        return path;
    }
}
