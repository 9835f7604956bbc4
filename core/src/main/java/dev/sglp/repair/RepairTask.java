package dev.sglp.repair;

import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RoutedMaps;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.work.MemorySize;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntPredicate;
import org.bytedeco.pytorch.Tensor;

/// What a repair is asked.
///
/// @param dense     the whole network
/// @param removed   the layers that go
/// @param data      what the streams are compared on
/// @param batchSize items a forward pass
/// @param written   a changed tensor as it will be stored, by its name: what is measured is what is written
/// @param memory    has what was fitted before, of this plan or of another one
/// @param sums      has what the dense network made of batches that were looked at before
/// @param states    has what a run that was stopped found of single gaps
public record RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize, Written written,
        Memory memory, DenseSums sums, Resume states) {
    private static final long FLOAT = 4;
    private static final long WAITING = 3; // activations of an image: the dense network's, the smaller one's, what it aims at
    static final String CHANGED = "what is changed of the layers";

    /// Rounds a tensor to what is stored of it.
    @FunctionalInterface
    public interface Written {
        Tensor stored(String name, Tensor tensor);
    }

    /// Remembers fitted layers of the same question.
    public interface Memory {
        /// What was kept of a layer; its tensors are not to be changed, and good as long as the memory is or the scope that is open.
        Optional<Fitted> find(int layer);

        /// Whether {@link #find} would find it.
        default boolean has(int layer) {
            try (var _ = Scope.open()) {
                return find(layer).isPresent();
            }
        }

        void keep(Fitted fitted);

        /// Remembers nothing.
        static Memory none() {
            return new Memory() {
                @Override
                public Optional<Fitted> find(int layer) {
                    return Optional.empty();
                }

                @Override
                public void keep(Fitted fitted) {}
            };
        }
    }

    /// @param tensors that were changed, by their names, as they will be stored
    /// @param notes   what is to be said of it, one sentence each
    public record Fitted(SequencedMap<String, Tensor> tensors, LayerFit fit, List<String> notes) {
        public Fitted {
            notes = List.copyOf(notes);
        }

        /// Nothing is to be said.
        public Fitted(SequencedMap<String, Tensor> tensors, LayerFit fit) {
            this(tensors, fit, List.of());
        }
    }

    /// Nothing of the dense network is known.
    public RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize, Written written,
            Memory memory) {
        this(dense, removed, data, batchSize, written, memory, DenseSums.none(), Resume.NEVER);
    }

    /// Nothing is remembered.
    public RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize, Written written) {
        this(dense, removed, data, batchSize, written, Memory.none());
    }

    /// Tensors are stored as they are computed.
    public RepairTask(LayeredModel dense, LayerSet removed, Dataset data, int batchSize) {
        this(dense, removed, data, batchSize, (_, tensor) -> tensor);
    }

    /// The same, where some of the dense network is known, or will be.
    public RepairTask knowing(DenseSums other) {
        return new RepairTask(dense, removed, data, batchSize, written, memory, other, states);
    }

    /// The same, going on where a run was stopped.
    public RepairTask resuming(Resume stopped) {
        return new RepairTask(dense, removed, data, batchSize, written, memory, sums, stopped);
    }

    /// The same of other layers.
    ///
    /// @param fitted has what was fitted before
    public RepairTask without(LayerSet others, Memory fitted) {
        return new RepairTask(dense, others, data, batchSize, written, fitted, sums, states);
    }

    public RepairTask {
        if (data.size() < 1) {
            throw new UsageException(
                    "there are no data to repair with. Raise --repair-samples, or --repair none");
        }
    }

    /// The layers that stay, in order.
    List<Integer> kept() {
        return removed.others(dense.layers().size());
    }

    /// Where layers are not in memory, what is changed of them needs room elsewhere: says how much.
    ///
    /// @param layers those of the dense network that may be changed
    /// @param parts  of a layer, at most so many tensors as large as its largest
    void reserve(IntPredicate layers, int parts, Progress progress) {
        LayerSource.of(dense)
                .ifPresent(source -> progress.say(source.reserve(CHANGED, kept().stream().filter(layers::test)
                        .map(dense.layers()::get).mapToLong(layer -> parts * FLOAT
                                * layer.parameters().values().stream().mapToLong(Tensor::numel).max().orElse(0))
                        .sum())));
    }

    /// How many items a layer's fit has room for where layers are not in memory; as many as are asked where they are.
    ///
    /// @param tokens of an item
    /// @param asked  at the most
    public static int fits(LayeredModel dense, long tokens, int asked) {
        var spare = LayerSource.of(dense).map(LayerSource::spare);
        int fits = asked;
        while (spare.isPresent() && fits > 0 && bytes(dense, fits * tokens) > spare.get()) {
            fits--;
        }
        return fits;
    }

    /// Says what a layer's fit takes besides the network; where layers are not in memory, looks whether it has room there.
    ///
    /// @throws UsageException where it has not; says on how many items it would
    public void checkFit(Progress progress) {
        checkFit(Long.MAX_VALUE, progress);
    }

    /// The same; activations of images and signals have to fit in what is free, too.
    ///
    /// @param free bytes
    public void checkFit(long free, Progress progress) {
        LayerSource.of(dense).ifPresentOrElse(source -> checkFit(source.spare()), () -> {
            if (!dense.layout().tokens()) {
                checkActivations(free, progress);
                return;
            }
            progress.say("Fitting a layer on %d items takes up to %s besides the network.".formatted(data.size(),
                    MemorySize.words(bytes(dense, data.size() * tokens()))));
        });
    }

    private void checkActivations(long free, Progress progress) {
        long each = WAITING * FLOAT * largestActivation();
        long needs = each * data.size();
        if (needs > free && dense.device().isCpu()) {
            throw new UsageException(
                    "a repair on %d items keeps %,d bytes of their activations, and %,d are free. %s".formatted(
                            data.size(), needs, free,
                            free < each ? "Use --repair none" : "--repair-samples %d fits".formatted(free / each)));
        }
        progress.say("Fitting a layer on %d items keeps up to %s of their activations besides the network."
                .formatted(data.size(), MemorySize.words(needs)));
    }

    /// Numbers of the largest that a layer takes or gives, of one item.
    private long largestActivation() {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var x = dense.stem().forward(data.batch(0, 1).inputs(), Pass.evaluation());
                long largest = x.numel();
                for (var layer : dense.layers()) {
                    x = layer.forward(x, Pass.evaluation());
                    largest = Math.max(largest, x.numel());
                }
                return largest;
            }
        });
    }

    /// Says what waits on disk of what the dense network's layers sum to, where they are not in memory.
    public void expect(DenseSums kept, Progress progress) {
        long rows = data.places(0, data.size());
        kept.expect(rows * width(largest(dense)) * FLOAT * dense.layers().size(), progress::say);
    }

    /// Tokens of an item.
    private long tokens() {
        return data.places(0, data.size()) / data.size();
    }

    private void checkFit(long spare) {
        int fits = fits(dense, tokens(), data.size());
        if (fits == data.size()) {
            return;
        }
        throw new UsageException(
                "a repair on %d items needs %,d bytes for a layer's fit, and the memory leaves %,d. %s".formatted(
                        data.size(), bytes(dense, data.size() * tokens()), spare,
                        fits == 0
                                ? "Raise --memory, or --repair none"
                                : "--repair-samples %d fits; or raise --memory".formatted(fits)));
    }

    /// How many maps of a layer are fitted, at most.
    int maps() {
        return maps(dense);
    }

    /// How many tensors as large as the largest of any a whole layer is, at most.
    int ofLayer() {
        long[] map = largest(dense);
        return Math.toIntExact(Math.ceilDiv(largestLayer(), Arrays.stream(map).reduce(1, (a, b) -> a * b)));
    }

    /// Numbers of the largest layer.
    public long largestLayer() {
        return dense.layers().stream()
                .mapToLong(layer -> layer.parameters().values().stream().mapToLong(Tensor::numel).sum()).max()
                .orElse(0);
    }

    private static int maps(LayeredModel dense) {
        return dense.layers().stream().flatMap(layer -> layer.lastMap().flatMap(LastMap::routed).stream())
                .mapToInt(RoutedMaps::count).max().orElse(1);
    }

    /// What a fit on so many rows takes: the rows, their products and factor, the map, the streams, passes that are kept; of experts all
    /// maps, as fitted and as stored.
    private static long bytes(LayeredModel dense, long rows) {
        long[] map = largest(dense);
        long inner = Math.max(map[0], map[map.length - 1]);
        long width = width(map);
        long own = rows * (inner + width) * FLOAT;
        long fit = rows < inner
                ? own + 5 * rows * rows * FLOAT + 3 * inner * width * FLOAT + 4 * rows * width * FLOAT
                : 8 * inner * inner * FLOAT + 6 * inner * width * FLOAT;
        long experts = maps(dense) > 1 ? 2L * maps(dense) * inner * width * FLOAT : 0;
        return own + fit + 3 * rows * width * FLOAT + experts;
    }

    /// The shape of the largest tensor of a layer.
    private static long[] largest(LayeredModel dense) {
        return dense.layers().stream().flatMap(layer -> layer.parameters().values().stream())
                .max(Comparator.comparingLong(Tensor::numel)).orElseThrow().shape();
    }

    private static long width(long... map) {
        return Math.min(map[0], map[map.length - 1]);
    }

    /// Whether the layer behind this one goes.
    boolean beforeGap(int layer) {
        return removed.contains(layer + 1);
    }

    /// The last one that stays before a gap; none, -1, where the only gap is at the beginning.
    int lastBeforeGap() {
        return kept().stream().filter(this::beforeGap).mapToInt(Integer::intValue).max().orElse(-1);
    }

    /// The layer whose input the output of kept layer `place` becomes, by its index in the dense network; that of the head is the
    /// number of layers.
    int successor(int place) {
        var kept = kept();
        return place + 1 < kept.size() ? kept.get(place + 1) : dense.layers().size();
    }
}
