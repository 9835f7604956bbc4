package dev.sglp.repair;

import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.LastMap.Fit;
import dev.sglp.model.repair.Remainder;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Resume;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The repair of every gap of up to some layers, from the dense network's streams alone: a candidate is seen as it would be mended,
/// at the price of a forward pass. A set with several gaps is mended as if each were alone. It owns its tensors; close it.
public final class GapMaps implements Remainder, AutoCloseable {
    private static final long AIMS = 1L << 28; // bytes
    private static final String GAPS = "gaps"; // word of a layer's state

    private final LayeredModel dense;
    private final String words;
    private final Map<Gap, Fit> fits = new HashMap<>();
    private final Map<Gap, Layer> layers = new HashMap<>();
    private final List<Tensor> owned = new ArrayList<>();
    private final List<Integer> unmended = new ArrayList<>();
    private final Resume states;
    private boolean reserved;

    private GapMaps(RepairTask task, String words) {
        this.dense = task.dense();
        this.states = task.states();
        this.words = words;
    }

    /// @param before the layer that stays before it
    /// @param behind the layer that stays behind it; the number of layers where it is at the end
    private record Gap(int before, int behind) {}

    /// From one pass of the dense network over the task's data.
    ///
    /// @param task    the dense network, the data, and which layers may go
    /// @param longest layers of a gap at most: longer ones are not mended
    /// @param ridge   of the fits; {@link Refit#OWN}: the family's own
    public static GapMaps of(RepairTask task, int longest, double ridge, Progress progress) {
        return of(task, longest, ridge, LayerSource.of(task.dense()).isPresent() ? AIMS : Long.MAX_VALUE, progress);
    }

    /// @param aims bytes of maps that are fitted side by side, if one does not take more
    static GapMaps of(RepairTask task, int longest, double ridge, long aims, Progress progress) {
        var maps = new GapMaps(task,
                "gaps of up to %d layers mended with ridge %s on %s".formatted(longest, ridge,
                        task.data().digest()));
        try {
            var open = maps.take(task, longest, progress);
            if (!open.isEmpty()) {
                maps.find(open, task, longest, ridge, aims, progress);
            }
            return maps;
        } catch (RuntimeException | Error e) {
            maps.close();
            throw e;
        }
    }

    /// What a run that was stopped has left.
    ///
    /// @return the layers whose gaps are still to be mended
    private List<Integer> take(RepairTask task, int longest, Progress progress) {
        var open = new ArrayList<Integer>();
        int taken = 0;
        for (int layer = 0; layer < dense.layers().size(); layer++) {
            int behind = furthest(task.removed(), layer, longest);
            if (behind == layer + 1) {
                continue;
            }
            if (Streams.end(dense.layers().get(layer)).freedom() == LastMap.Freedom.NOTHING) {
                unmended.add(layer); // experts: a fit of each for every gap takes as long as so many repairs
            } else if (take(layer, task, longest, progress)) {
                taken++;
            } else {
                open.add(layer);
            }
        }
        if (taken > 0) {
            progress.say("repairs of the gaps behind %s kept by a run that was stopped: they are taken"
                    .formatted(taken == 1 ? "1 layer were" : taken + " layers were"));
        }
        return open;
    }

    /// @param open layers, ascending
    private void find(List<Integer> open, RepairTask task, int longest, double ridge, long aims, Progress progress) {
        int last = open.getLast();
        try (var streams = new DenseStreams(task, longest);
                var step = progress.step("repairs of single gaps", last + 1L, "layers")) {
            long waiting = (longest + 2) * streams.bytes(); // from a layer to behind its longest gap
            LayerSource.of(dense).ifPresent(source -> progress.say(reserved
                    ? source.reserve("the dense network's streams", waiting)
                    : source.reserve(RepairTask.CHANGED + ", and the dense network's streams",
                            2 * bytes(dense, task.removed(), longest) + waiting)));
            for (int layer = 0; layer <= last; layer++) {
                int behind = furthest(task.removed(), layer, longest);
                streams.lead(Math.max(layer + 1, behind));
                if (open.contains(layer)) {
                    fit(layer, behind, together(streams.fit(layer), aims, longest),
                            together(largest(dense.layers().get(layer)), aims, longest), ridge, streams);
                    states.keep(work(layer), new Found(Map.of(), Map.of(GAPS, gaps(layer))));
                }
                streams.drop(layer);
                step.advance(1);
            }
        }
    }

    private static String work(int layer) {
        return "gaps behind layer " + layer;
    }

    private static String work(Gap gap) {
        return "gap from %d to %d".formatted(gap.before, gap.behind);
    }

    /// A gap's map in bfloat16, to which it is rounded; of a layer no tensor, which says that its gaps are all there.
    ///
    /// @param words of a layer, which gaps have a map
    private record Found(Map<String, Tensor> tensors, Map<String, String> words) implements Resume.State {
        private static final String MAP = "map";
        private static final String SHIFT = "shift";

        @Override
        public List<String> names() {
            return tensors.keySet().stream().sorted().toList();
        }

        @Override
        public Tensor read(String name) {
            return Objects.requireNonNull(tensors.get(name));
        }
    }

    /// The layers that stay behind the gaps of a layer that have a map.
    private String gaps(int layer) {
        return fits.keySet().stream().filter(gap -> gap.before == layer).map(gap -> String.valueOf(gap.behind)).sorted()
                .collect(Collectors.joining(" "));
    }

    /// Whether the layer's gaps were all there.
    private boolean take(int layer, RepairTask task, int longest, Progress progress) {
        var all = states.find(work(layer));
        if (all.isEmpty()) {
            return false;
        }
        String behind;
        try (var marker = all.get()) {
            behind = marker.words().getOrDefault(GAPS, "");
        }
        var gaps = Stream.of(behind.split(" ")).filter(word -> !word.isEmpty())
                .map(word -> new Gap(layer, Integer.parseInt(word))).toList();
        var found = gaps.stream().map(gap -> states.find(work(gap))).toList();
        boolean whole = found.stream().allMatch(Optional::isPresent);
        for (int i = 0; i < gaps.size(); i++) {
            var gap = gaps.get(i);
            if (whole) {
                reserve(task, longest, progress);
                found.get(i).ifPresent(kept -> take(gap, kept));
            } else {
                found.get(i).ifPresent(Resume.Kept::close);
            }
        }
        return whole;
    }

    /// Makes sure of the disk for all maps and the layers that they change, once.
    private void reserve(RepairTask task, int longest, Progress progress) {
        if (!reserved) {
            reserved = true;
            LayerSource.of(dense).ifPresent(source -> progress.say(
                    source.reserve(RepairTask.CHANGED, 2 * bytes(dense, task.removed(), longest))));
        }
    }

    private void take(Gap gap, Resume.Kept found) {
        try (found; var _ = Scope.open()) {
            var map = kept(found.read(Found.MAP));
            fits.put(gap, new Fit(map, found.names().contains(Found.SHIFT)
                    ? Optional.of(kept(found.read(Found.SHIFT)))
                    : Optional.empty(), map));
        }
    }

    /// At most so many bytes are kept for a run that is stopped.
    ///
    /// @param mayGo the layers that may
    public static long kept(LayeredModel dense, LayerSet mayGo, int longest) {
        return 2L * longest * largest(dense, mayGo);
    }

    /// The last layer that may stay behind a gap after this layer.
    private static int furthest(LayerSet mayGo, int layer, int longest) {
        int behind = layer + 1;
        while (behind <= layer + longest && mayGo.contains(behind)) {
            behind++;
        }
        return behind;
    }

    /// How many have room side by side.
    ///
    /// @param each numbers of one
    private static int together(long each, long bytes, int most) {
        return Math.clamp(bytes / (Float.BYTES * Math.max(1, each)), 1, most);
    }

    /// @param behind the layer that stays behind the longest gap
    /// @param aims   gaps that are summed at a time
    /// @param maps   gaps whose maps are solved at a time
    private void fit(int layer, int behind, int aims, int maps, double ridge, DenseStreams streams) {
        for (int first = layer + 2; first <= behind; first += aims) {
            fitTogether(layer, first, Math.min(behind, first + aims - 1), maps, ridge, streams);
        }
    }

    /// One factor serves gaps of several lengths: their aims lie beside each other.
    ///
    /// @param first the layer that stays behind the shortest of them
    /// @param last  behind the longest
    private void fitTogether(int layer, int first, int last, int maps, double ridge, DenseStreams streams) {
        var end = Streams.end(dense.layers().get(layer));
        try (var _ = Scope.open(); var sums = streams.sums(layer, first, last)) {
            var moments = end.shifts() && !dense.layout().stream() ? Scope.own(sums.moments()) : null; // a batch norm asks for them
            if (moments != null) {
                owned.add(moments);
            }
            long width = sums.outputs() / (last - first + 1);
            for (int from = first; from <= last; from += maps) {
                int begin = from;
                int some = Math.min(maps, last - from + 1);
                Scope.run(() -> sums
                        .solve(ridge == Refit.OWN ? end.ridge() : ridge, (begin - first) * width, some * width)
                        .ifPresent(found -> keep(layer, begin, found.map().split(width, 1), end, moments)));
            }
        }
    }

    /// @param first the layer that stays behind the first of these gaps
    /// @param maps  of each gap, `[f, D]`
    private void keep(int layer, int first, TensorVector maps, LastMap end, @Nullable Tensor moments) {
        for (int i = 0; i < maps.size(); i++) {
            var map = maps.get(i);
            long features = map.size(0) - (end.shifts() ? 1 : 0);
            var gap = new Gap(layer, first + i);
            var rounded = rounded(map.narrow(0, 0, features).t());
            var constant = end.shifts() ? Optional.of(rounded(map.select(0, features))) : Optional.<Tensor>empty();
            var difference = kept(rounded);
            fits.put(gap, new Fit(difference, constant.map(this::kept), moments == null ? difference : moments));
            states.keep(work(gap), new Found(constant.map(shift -> Map.of(Found.MAP, rounded, Found.SHIFT, shift))
                    .orElseGet(() -> Map.of(Found.MAP, rounded)), Map.of()));
        }
    }

    /// A transformer's maps are many and large: bfloat16 is enough to rank them.
    private Tensor rounded(Tensor map) {
        return map.to(dense.layout().stream() ? ScalarType.BFloat16 : ScalarType.Float).contiguous();
    }

    private Tensor kept(Tensor rounded) {
        var source = LayerSource.of(dense);
        if (source.isPresent()) {
            try (var _ = Scope.open()) {
                return source.get().keep(rounded.to(ScalarType.Float)); // on disk, with the same numbers
            }
        }
        owned.add(Scope.own(rounded));
        return rounded;
    }

    /// The network without these layers, mended where a gap has a map.
    @Override
    public synchronized LayeredModel without(LayerSet removed) {
        var smaller = dense.without(removed); // checks what may go
        int count = dense.layers().size();
        var kept = removed.others(count);
        var changed = new ArrayList<>(smaller.layers());
        for (int place = 0; place < kept.size(); place++) {
            var gap = new Gap(kept.get(place), place + 1 < kept.size() ? kept.get(place + 1) : count);
            if (fits.containsKey(gap)) {
                changed.set(place, layers.computeIfAbsent(gap, this::mended));
            }
        }
        return smaller.with(changed);
    }

    private Layer mended(Gap gap) {
        try (var _ = Scope.open()) {
            var layer = dense.layers().get(gap.before);
            var changed = Autograd.recording(false,
                    () -> Streams.end(layer).fitted(fits.get(gap), dense.layers().get(gap.behind - 1)));
            Repaired.differing(layer, changed).values().forEach(tensor -> owned.add(Scope.own(tensor)));
            return changed;
        }
    }

    /// The layers that end in experts: a gap behind one is looked at as it is.
    public LayerSet unmended() {
        return LayerSet.of(unmended.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public String words() {
        return words;
    }

    /// At most so many bytes would the maps of gaps of so many layers take, and the layers changed by them.
    ///
    /// @param mayGo the layers that may
    public static long bytes(LayeredModel dense, LayerSet mayGo, int longest) {
        return bytes(dense.layout(), largest(dense, mayGo), longest);
    }

    private static long largest(LayeredModel dense, LayerSet layers) {
        return layers.indices().stream().mapToLong(layer -> largest(dense.layers().get(layer))).sum();
    }

    /// Numbers of a layer's largest tensor.
    private static long largest(Layer layer) {
        return layer.parameters().values().stream().mapToLong(Tensor::numel).max().orElse(0);
    }

    /// The same, where nothing is known but how many numbers the largest tensors of the layers that may go hold together.
    public static long bytes(Layout layout, long largest, int longest) {
        return longest * (4 + (layout.stream() ? 2L : 4)) * largest; // the changed layer and its map
    }

    @Override
    public void close() {
        owned.forEach(Scope::free);
        owned.clear();
        layers.clear();
        fits.clear();
    }
}
