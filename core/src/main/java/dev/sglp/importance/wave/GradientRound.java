package dev.sglp.importance.wave;

import dev.sglp.data.Batch;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.wave.CandidatePath.Place;
import dev.sglp.model.Ending;
import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.model.Tape.Node;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.wave.StreamedLayer;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import dev.sglp.tensor.Workspace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// One way forward and back for some candidates.
final class GradientRound implements AutoCloseable {
    private static final long LOGITS = 1L << 30; // bytes of a head's logits and what is made of them

    private final GradientWave wave;
    private final ScoringTask task;
    private final Pass pass;
    private final List<CandidatePath> paths;
    private final Waiting waiting;
    private final int batches;
    private final NavigableMap<Integer, List<Place>> ranks;
    private final Waiting.@Nullable Item[][] vectors; // of each candidate, by batch: the gradient of what comes next
    private final List<PartNorms> norms;
    private final Meter unheard; // what runs again counts once
    private final Resume resume;
    private final String words; // that tell these candidates' way from others
    private Meter forward; // told what runs forward
    private final Queue<Workspace> workspaces = new ConcurrentLinkedQueue<>();

    /// @param words that tell it from other ways for the same scores
    GradientRound(GradientWave wave, List<CandidatePath> paths, Waiting waiting, String words) {
        this.wave = wave;
        this.words = words;
        this.task = wave.task();
        this.pass = wave.pass();
        this.paths = paths;
        this.waiting = waiting;
        batches = task.data().batches();
        ranks = paths.stream().flatMap(path -> path.places().stream()).distinct()
                .collect(Collectors.groupingBy(place -> place.rank, TreeMap::new, Collectors.toList()));
        vectors = new Waiting.Item[paths.size()][batches];
        norms = paths.stream().map(_ -> new PartNorms()).toList();
        unheard = new Meter(task.model(), 1);
        resume = task.listener().resume();
        forward = task.work();
    }

    /// Of each path; from where a run that was stopped has come to.
    double[] norms() {
        var begun = resume.find(words).map(this::restored);
        if (begun.filter(rank -> rank == RoundState.DONE).isEmpty()) {
            forward = begun.isPresent() ? unheard : task.work();
            ranks.values().forEach(this::forward);
            begun.ifPresent(this::wentBack);
            back(begun.orElseGet(this::heads));
        }
        return norms.stream().mapToDouble(own -> own.as(wave.norm())).toArray();
    }

    private int restored(Resume.Kept kept) {
        try (kept) {
            int rank = RoundState.rank(kept);
            state(rank).restore(kept, waiting);
            return rank;
        }
    }

    /// As far as the heads, the first to go back.
    ///
    /// @return the rank behind all others
    private int heads() {
        each(this::head);
        int all = ranks.lastKey() + 1;
        resume.keep(words, state(all));
        return all;
    }

    /// What went back in another run asks for nothing any more.
    private void wentBack(int rank) {
        paths.forEach(path -> path.last().release());
        ranks.tailMap(rank, true).values().forEach(places -> release(recorded(places)));
    }

    /// @param from the rank that went back last
    private void back(int from) {
        ranks.subMap(0, true, from, false).descendingMap().forEach((rank, places) -> {
            back(places);
            resume.keep(words, state(rank));
        });
        stems();
        resume.keep(words, state(RoundState.DONE));
    }

    private RoundState state(int rank) {
        return new RoundState(rank, norms, paths.stream().map(path -> path.head().part().parameters()).toList(),
                vectors);
    }

    private Batch batch(int b) {
        return task.data().batch(b);
    }

    private void held(List<Place> places, Runnable work) {
        if (places.stream().anyMatch(place -> place.node.part() instanceof StreamedLayer)) {
            try (var _ = wave.source().hold(places.getFirst().rank)) {
                work.run();
            }
        } else {
            work.run();
        }
        NativeHeap.trimNowAndThen();
    }

    private void forward(List<Place> places) {
        var given = new Waiting.Item[places.size()][batches];
        held(places, () -> Threads.each(places.size() * batches, i -> {
            var place = places.get(i / batches);
            int b = i % batches;
            given[i / batches][b] = waiting.keep(Autograd.recording(false, () -> Scope.yieldOwned(
                    () -> output(place, place.before == null ? batch(b).inputs() : place.before.given(b).get()))));
        }));
        for (int i = 0; i < given.length; i++) {
            places.get(i).gives(given[i]);
        }
        release(places);
    }

    private static void release(List<Place> places) {
        places.stream().map(place -> place.before).filter(Objects::nonNull).forEach(Place::release);
    }

    private Tensor output(Place place, Tensor x) {
        var part = place.node.part();
        forward.forward(part, x.size(0));
        if (!place.recorded) {
            return part.forward(x, pass);
        }
        return part instanceof Layer layer ? layer.held(own -> recorded(place, own, x)) : recorded(place, part, x);
    }

    /// As a recording gives it, which need not be what a pass forward gives to the last bit.
    private Tensor recorded(Place place, Part part, Tensor x) {
        try (var tape = new Tape(x, pass, unheard, place.upstream)) {
            return tape.follow(List.of(new Node(part, place.node.weights()))).detach().clone();
        }
    }

    private interface Share {
        void of(int lane, int lanes);
    }

    private void sideBySide(int most, Share share) {
        int lanes = wave.alone() ? Math.clamp(most, 1, Threads.lanes()) : 1;
        if (wave.alone() && lanes == 1) {
            Threads.alone(() -> {
                share.of(0, 1);
                return lanes;
            });
        } else {
            Threads.sideBySide(lanes, lane -> share.of(lane, lanes));
        }
    }

    /// Each candidate's head holds many logits: side by side where these have room.
    private void each(IntConsumer candidate) {
        var source = wave.source();
        if (source.spare() - source.drawn().bytes() < LOGITS * paths.size()) {
            source.drawn().release(); // heads need the room
        }
        int most = Math.clamp(source.spare() / LOGITS, 1, paths.size());
        sideBySide(most, (lane, lanes) -> IntStream.iterate(lane, c -> c < paths.size(), c -> c + lanes).forEach(c -> {
            Threads.goOn();
            candidate.accept(c);
        }));
    }

    private void head(int candidate) {
        var path = paths.get(candidate);
        var part = path.head().part();
        if (path.head().weights() && batches > 1) {
            norms.get(candidate).place(part.parameters());
        }
        for (int b = 0; b < batches; b++) {
            int batch = b;
            Scope.run(() -> spaced(space -> {
                var vector = ending(path, batch, space, (_, parameters, gradients) -> told(candidate, parameters,
                        gradients, tied(path)));
                long examples = vector.size(0);
                task.work().forward(part, examples);
                task.work().backward(part, path.head().weights(), true, examples);
                if (path.last().recorded) {
                    vectors[candidate][batch] = waiting.keep(Scope.own(vector));
                }
            }));
        }
        norms.get(candidate).reduce();
        path.last().release();
    }

    /// What several batches sum keeps the memory that it was counted in.
    private void spaced(Consumer<Workspace> work) {
        if (batches > 1) {
            try (var fresh = new Workspace()) {
                work.accept(fresh);
            }
            return;
        }
        var known = workspaces.poll();
        var workspace = known == null ? new Workspace() : known;
        try {
            work.accept(workspace);
        } finally {
            workspaces.add(workspace);
        }
    }

    private Tensor ending(CandidatePath path, int b, Workspace space, Tape.Gradients gradients) {
        return new Ending(path.head().part(), task.model().objective()).backward(path.last().given(b).get(),
                batch(b).targets(), new Ending.Wish(pass, task.data().share(b), path.head().weights(), space),
                gradients);
    }

    /// Tensors of the head that the stem has, too: their gradients are sums, and wait for it.
    private static Set<Long> tied(CandidatePath path) {
        return path.head().weights() && path.stem().node.weights()
                ? path.stem().node.part().parameters().values().stream().map(Tensors::identity)
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /// @param waits tensors of which nothing is told yet
    private void told(int candidate, SequencedMap<String, Tensor> parameters, List<Gradient> gradients,
            Set<Long> waits) {
        var ids = parameters.values().stream().map(Tensors::identity).toList();
        var told = IntStream.range(0, ids.size()).filter(i -> !waits.contains(ids.get(i))).boxed().toList();
        told(candidate, told.stream().map(ids::get).toList(), told.stream().map(gradients::get).toList());
    }

    private void told(int candidate, List<Long> tensors, List<Gradient> gradients) {
        if (batches == 1) {
            norms.get(candidate).put(tensors, gradients);
        } else {
            norms.get(candidate).add(tensors, gradients);
        }
    }

    /// A candidate goes back through a place.
    private record Step(int candidate, Place place) {}

    private void back(List<Place> places) {
        int rank = places.getFirst().rank;
        var steps = IntStream.range(0, paths.size()).boxed().flatMap(c -> paths.get(c).places().stream()
                .filter(place -> place.recorded && place.rank == rank).map(place -> new Step(c, place))).toList();
        held(places, () -> sideBySide(steps.size(), (lane, lanes) -> {
            var own = steps.subList(steps.size() * lane / lanes, steps.size() * (lane + 1) / lanes);
            own.stream().collect(Collectors.groupingBy(Step::place, LinkedHashMap::new, Collectors.toList()))
                    .forEach((place, some) -> ((Layer) place.node.part()).held(layer -> {
                        through(place, new Node(layer, place.node.weights()),
                                some.stream().map(Step::candidate).toList());
                        return layer;
                    }));
        }));
        release(recorded(places));
    }

    private static List<Place> recorded(List<Place> places) {
        return places.stream().filter(place -> place.recorded).toList();
    }

    /// All that came here with the same activations share what is recorded of them again.
    private void through(Place place, Node node, List<Integer> candidates) {
        var ids = place.node.part().parameters().values().stream().map(Tensors::identity).toList();
        runs(place, node, candidates, (tape, candidate, b) -> vectors[candidate][b] = tape
                .through(vector(place, candidate, b), 1, (_, _, gradients) -> told(candidate, ids, gradients))
                .map(waiting::keep).orElse(null));
    }

    private Tensor vector(Place place, int candidate, int b) {
        var vector = Objects.requireNonNull(vectors[candidate][b]).take();
        vectors[candidate][b] = null;
        task.work().backward(place.node.part(), place.node.weights(), place.upstream, vector.size(0));
        return vector;
    }

    private interface Run {
        void of(Tape tape, int candidate, int batch);
    }

    private void runs(Place place, Node node, List<Integer> candidates, Run run) {
        if (batches == 1) {
            recorded(place, node, 0, tape -> candidates.forEach(c -> Scope.run(() -> run.of(tape, c, 0))));
            return;
        }
        for (int candidate : candidates) {
            for (int b = 0; b < batches; b++) {
                int batch = b;
                recorded(place, node, b, tape -> run.of(tape, candidate, batch));
            }
            norms.get(candidate).reduce();
        }
    }

    private void recorded(Place place, Node node, int b, Consumer<Tape> work) {
        Threads.goOn();
        try (var _ = Scope.open()) {
            var x = place.before == null ? batch(b).inputs() : place.before.given(b).get();
            try (var tape = new Tape(x, pass, unheard, place.upstream)) {
                tape.follow(List.of(node));
                work.accept(tape);
            }
        }
    }

    private void stems() {
        var stem = paths.getFirst().stem();
        if (stem.recorded) {
            each(c -> runs(stem, stem.node, List.of(c),
                    (tape, candidate, b) -> spaced(space -> stem(tape, candidate, b, space))));
        }
        paths.forEach(path -> path.last().release());
    }

    private void stem(Tape tape, int candidate, int b, Workspace space) {
        var path = paths.get(candidate);
        var rest = shared(path, b, space);
        tape.through(vector(path.stem(), candidate, b), 1, (_, parameters, gradients) -> {
            var ids = parameters.values().stream().map(Tensors::identity).toList();
            if (batches == 1) {
                told(candidate, ids, IntStream.range(0, ids.size()).mapToObj(i -> rest.containsKey(ids.get(i))
                        ? new Gradient.Sum(rest.get(ids.get(i)), gradients.get(i))
                        : gradients.get(i)).toList());
            } else {
                told(candidate, List.copyOf(rest.keySet()), List.copyOf(rest.values()));
                told(candidate, ids, gradients);
            }
        });
        rest.values().forEach(Gradient::free);
    }

    /// The head's gradients of the tensors that the stem has, too: counted anew, so that they need not wait for each candidate.
    private Map<Long, Gradient> shared(CandidatePath path, int b, Workspace space) {
        var both = tied(path);
        var found = new LinkedHashMap<Long, Gradient>();
        if (path.head().part().parameters().values().stream().map(Tensors::identity).anyMatch(both::contains)) {
            ending(path, b, space, (_, parameters, gradients) -> {
                var ids = parameters.values().stream().map(Tensors::identity).toList();
                for (int i = 0; i < ids.size(); i++) {
                    if (both.contains(ids.get(i))) {
                        gradients.get(i).own();
                        found.put(ids.get(i), gradients.get(i));
                    }
                }
            });
        }
        return found;
    }

    @Override
    public void close() {
        norms.forEach(PartNorms::free);
        workspaces.forEach(Workspace::close);
    }
}
