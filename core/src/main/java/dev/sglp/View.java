package dev.sglp;

import dev.sglp.Sglp.Around;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.family.ModelFile;
import dev.sglp.method.Auto;
import dev.sglp.method.Method;
import dev.sglp.method.OnePass;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.repair.Remainder;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Resume;
import dev.sglp.progress.Progress;
import dev.sglp.repair.GapMaps;
import dev.sglp.repair.NoRepair;
import dev.sglp.repair.Refit;
import dev.sglp.repair.Repair;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.RepairTask.Fitted;
import dev.sglp.repair.Repaired;
import dev.sglp.repair.dense.DenseSums;
import dev.sglp.report.Human;
import dev.sglp.tensor.Scope;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// How sets of layers are looked at while one is chosen: as the repair would mend what they leave, where it tells that cheaply. It owns
/// what that takes; close it.
public final class View implements AutoCloseable {
    private static final int TOKENS = 6144; // of text the maps are fitted on: they rank, they are not written
    private static final long MEMORY = 4L << 30; // bytes of maps

    private final LayeredModel dense;
    private final Optional<GapMaps> maps;
    private final Optional<FullRepairs> full;
    private final List<String> notes;

    private View(LayeredModel dense, Optional<GapMaps> maps, Optional<FullRepairs> full, List<String> notes) {
        this.dense = dense;
        this.maps = maps;
        this.full = full;
        this.notes = List.copyOf(notes);
    }

    /// Layers as they are.
    public static View plain(LayeredModel dense) {
        return plain(dense, List.of());
    }

    private static View plain(LayeredModel dense, List<String> notes) {
        return new View(dense, Optional.empty(), Optional.empty(), notes);
    }

    /// As the recipe's repair would mend it, where anything of its choice asks for that.
    ///
    /// @param sums keeps what the dense network makes of the repair's data
    /// @param around has what was repaired before, and says what becomes of it when it is written
    static View of(LayeredModel dense, DataRoles data, Recipe recipe, DenseSums sums, Around around) {
        return asked(recipe, data)
                ? of(dense, data.repair().fit(), Mending.How.of(recipe, sums), Going.of(dense, recipe), around)
                : plain(dense);
    }

    /// Whether sets of layers are looked at as the recipe's repair would mend them.
    static boolean asked(Recipe recipe, DataRoles data) {
        return asked(recipe, data.verification().size() > 0);
    }

    private static boolean asked(Recipe recipe, boolean verifies) {
        var method = recipe.method();
        return recipe.repair().leastSquares().isPresent() && (method.criterion(recipe.criterion()).runsRemainders()
                || method.verifies() && recipe.limits().verify() > 0 && verifies);
    }

    /// At most so many bytes are kept beside a network whose weights are all in memory while this recipe chooses and repairs: the repairs of
    /// single gaps, plans that are repaired whole, and passes that need not be run again.
    ///
    /// @param fitted tokens that the repair is fitted on
    public static long kept(ModelFile file, Recipe recipe, long fitted) {
        var layers = file.architecture().layers();
        var removable = new LayerSet(IntStream.range(0, layers.size()).filter(i -> layers.get(i).removable()).boxed()
                .toList());
        int remove = recipe.remove(layers.size(), removable);
        if (remove == 0 || !recipe.repair().fits()) {
            return 0;
        }
        long largest = file.largest(removable);
        long widths = removable.indices().stream().mapToLong(i -> layers.get(i).output().getLast()).sum();
        long stream = Float.BYTES * fitted * widths;
        long repaired = Float.BYTES * largest; // of one plan, whole, by least squares
        long written = recipe.repair().changesAll()
                ? Float.BYTES * file.numbers(removable) + recipe.repair().beside(
                        removable.indices().stream().mapToLong(i -> file.numbers(LayerSet.of(i))).max().orElse(0))
                : repaired;
        long maps = Math.min(MEMORY, GapMaps.bytes(file.architecture().layout(),
                file.largest(removable.without(recipe.kept())), remove));
        long view = recipe.method().comparesFew()
                ? OnePass.PLANS * repaired * remove / removable.size() // the layers before gaps
                : maps + Auto.WHOLE_OF_TEXT * repaired;
        return Math.max(asked(recipe, true) ? view : 0, written) + Math.min(DenseSums.MOST, stream)
                + Math.min(Refit.KEPT, stream);
    }

    /// Whether sets of layers are looked at as they are.
    static boolean isPlain(LayeredModel dense, DataRoles data, Recipe recipe) {
        return !asked(recipe, data) || recipe.method().comparesFew() || Going.of(dense, recipe).longest(dense) == 0;
    }

    /// What goes.
    ///
    /// @param count of layers
    /// @param among these
    /// @param method finds out which
    public record Going(int count, LayerSet among, Method method) {
        static Going of(LayeredModel dense, Recipe recipe) {
            return of(dense, recipe.kept(), recipe.remove(dense.layers().size(), dense.removable()), recipe.method());
        }

        /// @param kept layers that stay, besides those that must
        public static Going of(LayeredModel dense, LayerSet kept, int count, Method method) {
            return new Going(count, dense.removable().without(kept), method);
        }

        /// The longest gap of which the maps have room; 0 where nothing goes.
        int longest(LayeredModel dense) {
            int longest = count;
            while (longest > 0 && GapMaps.bytes(dense, among, longest) > room(dense)) {
                longest--;
            }
            return longest;
        }
    }

    /// Bytes that maps may take: of memory, or of the disk where layers are not in memory, there as many as the layers in float32. What is
    /// free plays no part, so that the same command sees the same.
    private static long room(LayeredModel dense) {
        return LayerSource.of(dense).isEmpty()
                ? MEMORY
                : Math.max(MEMORY, Float.BYTES * dense.layers().stream()
                        .flatMap(layer -> layer.parameters().values().stream()).mapToLong(Tensor::numel).sum());
    }

    /// As this repair would mend it.
    ///
    /// @param fit what it is fitted on
    public static View of(LayeredModel dense, Dataset fit, Mending.How how, Going going, Progress progress) {
        return of(dense, fit, how, going, new Around(Notebook.none(), Writing.none(), progress));
    }

    /// The same among others.
    public static View of(LayeredModel dense, Dataset fit, Mending.How how, Going going, Around around) {
        if (going.count == 0 || how.repair() instanceof NoRepair) {
            return plain(dense);
        }
        var items = items(dense, fit);
        var task = new RepairTask(dense, going.among, items,
                Mending.batchSize(dense, items, how.batchSize()), around.writing()::stored).knowing(how.sums());
        return going.method.comparesFew()
                ? few(task, how.repair(), around)
                : everyGap(task, how.repair(), going, around);
    }

    /// A few plans as they would be mended before their gaps; nothing else.
    private static View few(RepairTask task, Repair repair, Around around) {
        return new View(task.dense(), Optional.empty(),
                repair.beforeGaps().map(before -> new FullRepairs(before, task, around)), List.of());
    }

    private static View everyGap(RepairTask task, Repair repair, Going going, Around around) {
        var progress = around.progress();
        var dense = task.dense();
        int longest = going.longest(dense);
        var notes = new ArrayList<String>();
        if (longest < going.count) {
            notes.add("%s scored as they are, not as they would be repaired: the repairs would take more than %s."
                    .formatted(longest == 0 ? "All gaps are" : "Gaps of more than %d layers are".formatted(longest),
                            Human.bytes(room(dense))));
        }
        notes.forEach(progress::say);
        if (longest == 0) {
            return plain(dense, notes);
        }
        var states = LayerSource.of(dense).isEmpty() // where it is, it takes seconds
                ? Resume.NEVER
                : around.notebook().states(
                        "gaps of up to %d of layers %s; %s on %s, batches of %d".formatted(longest, going.among, repair,
                                task.data().digest(), task.batchSize()),
                        GapMaps.kept(dense, going.among, longest), progress::say);
        var maps = repair.view(task.resuming(states), longest, progress);
        maps.map(GapMaps::unmended).filter(layers -> layers.size() > 0).ifPresent(layers -> {
            notes.add(
                    "Gaps behind layers that end in experts (%s) are scored as they are, not as they would be repaired: only plans that are repaired whole show what their repair gives."
                            .formatted(layers));
            progress.say(notes.getLast());
        });
        return new View(dense, maps,
                maps.map(_ -> new FullRepairs(repair.leastSquares().<Repair>map(first -> first).orElse(repair), task,
                        around)),
                notes);
    }

    private static Dataset items(LayeredModel dense, Dataset fit) {
        if (!dense.layout().tokens()) {
            return fit;
        }
        long width = fit.places(0, fit.size()) / fit.size();
        int some = Math.clamp(TOKENS / width, 1, fit.size());
        return some == fit.size() ? fit : new Stretch(fit, 0, some);
    }

    /// What is looked at otherwise than it would be repaired, one sentence each.
    public List<String> notes() {
        return notes;
    }

    /// How a set of layers is looked at.
    public Remainder remainder() {
        return maps.<Remainder>map(found -> found).orElseGet(() -> Remainder.plain(dense));
    }

    /// How the last few are looked at: repaired whole, where the others are looked at as repaired.
    public Remainder finals() {
        return full.<Remainder>map(found -> found).orElseGet(this::remainder);
    }

    @Override
    public void close() {
        maps.ifPresent(GapMaps::close);
        full.ifPresent(FullRepairs::close);
    }

    /// What is left of a network without some layers as a repair mends it: for the few plans that are left. Each is repaired once. It owns
    /// what differs; close it.
    private static final class FullRepairs implements Remainder, AutoCloseable {
        private final Repair repair;
        private final RepairTask task;
        private final Around around;
        private final Map<LayerSet, Repaired> done = new HashMap<>();
        private final SharedFits fits;

        /// @param task the dense network and the data; what it removes is of no account
        FullRepairs(Repair repair, RepairTask task, Around around) {
            this.repair = repair;
            this.task = task;
            this.around = around;
            this.fits = new SharedFits(task.dense());
        }

        @Override
        public synchronized LayeredModel without(LayerSet removed) {
            return done.computeIfAbsent(removed, layers -> repair.repair(
                    task.without(layers, fits.of(layers, kept(layers))), Progress.silent())).network();
        }

        /// What another run fitted for this plan, and what the repair that is written will find.
        private RepairTask.Memory kept(LayerSet removed) {
            return around.notebook().repair(
                    Mending.question(repair, removed, task.data(), task.batchSize(), around.writing()));
        }

        @Override
        public String words() {
            return "repaired by %s on %s, batches of %d, as %s".formatted(repair, task.data().digest(),
                    task.batchSize(), around.writing().words());
        }

        @Override
        public void close() {
            done.values().forEach(Repaired::close);
            done.clear();
            fits.close();
        }
    }

    /// The layers that were fitted for several plans on the same data: those of which a plan lacks the same layers up to the next one that stays are
    /// fitted once. It owns them; close it.
    private static final class SharedFits implements AutoCloseable {
        private final int layers;
        private final boolean inMemory;
        private final Map<Question, Fitted> known = new HashMap<>();

        SharedFits(LayeredModel dense) {
            layers = dense.layers().size();
            inMemory = LayerSource.of(dense).isEmpty();
        }

        /// What a layer's fit depends on.
        ///
        /// @param behind the next layer that stays; the number of layers where there is none
        /// @param gone   the layers before that one that do not
        private record Question(int layer, int behind, LayerSet gone) {}

        private Question question(int layer, LayerSet removed) {
            int behind = layer + 1;
            while (behind < layers && removed.contains(behind)) {
                behind++;
            }
            int end = behind;
            return new Question(layer, behind, removed.only(other -> other < end));
        }

        /// Those of a plan.
        ///
        /// @param kept has what is not known here
        RepairTask.Memory of(LayerSet removed, RepairTask.Memory kept) {
            return new RepairTask.Memory() {
                @Override
                public Optional<Fitted> find(int layer) {
                    var question = question(layer, removed);
                    var shared = known.get(question);
                    if (shared != null) {
                        kept(shared); // a later run may ask for this plan alone
                        return Optional.of(shared);
                    }
                    var found = kept.find(layer);
                    if (inMemory) { // elsewhere they would stay there
                        found.ifPresent(fitted -> known(question, fitted));
                    }
                    return found;
                }

                @Override
                public boolean has(int layer) {
                    return known.containsKey(question(layer, removed)) || kept.has(layer);
                }

                @Override
                public void keep(Fitted fitted) {
                    kept(fitted);
                    known(question(fitted.fit().layer(), removed), fitted);
                }

                private void known(Question question, Fitted fitted) {
                    fitted.tensors().values().forEach(Scope::own);
                    known.put(question, fitted);
                }

                /// A disk that takes no more makes a run that is stopped begin again; it does not end this one.
                private void kept(Fitted fitted) {
                    try {
                        kept.keep(fitted);
                    } catch (UncheckedIOException _) {
                        // it is in memory
                    }
                }
            };
        }

        @Override
        public void close() {
            known.values().forEach(fitted -> fitted.tensors().values().forEach(Scope::free));
            known.clear();
        }
    }
}
