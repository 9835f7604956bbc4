package dev.sglp.generation;

import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.past.Past;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Lets a network continue texts, some of them side by side. Each prompt is read once, those of one length together; then every pass reads the
/// last token of all texts that go on. Where one ends, the next prompt takes its place.
public final class Generator {
    private final LayeredModel model;
    private final Settings settings;
    private Speed speed = Speed.NONE;

    /// @param stops tokens that end a text
    /// @param until ends a text too
    /// @param limit tokens that are written at most
    /// @param batch texts at a time
    public record Settings(Sampling sampling, Set<Integer> stops, Until until, int limit, int batch) {
        /// Tokens alone end a text.
        public Settings(Sampling sampling, Set<Integer> stops, int limit, int batch) {
            this(sampling, stops, _ -> false, limit, batch);
        }

        public Settings {
            stops = Set.copyOf(stops);
            if (limit < 1) {
                throw new UsageException("--tokens is at least 1, got " + limit);
            }
            if (batch < 1) {
                throw new UsageException("--batch-size is at least 1, got " + batch);
            }
        }
    }

    /// Says by what was written whether a text is at its end.
    @FunctionalInterface
    public interface Until {
        /// @param written without the prompt
        boolean reached(int[] written);
    }

    /// Is told of every token of a continuation as it is chosen.
    @FunctionalInterface
    public interface Listener {
        /// @param prompt its number, from 0
        void token(int prompt, int token);
    }

    public Generator(LayeredModel model, Settings settings) {
        this.model = model;
        this.settings = settings;
    }

    /// How fast it was so far.
    public Speed speed() {
        return speed;
    }

    /// A continuation of each prompt, in their order. What is drawn for one depends on the seed and the prompt's number.
    ///
    /// @param prompts at least one token each
    public List<Continuation> of(List<int[]> prompts, Listener listener) {
        return of(prompts, 0, listener);
    }

    /// The same of some of many prompts.
    ///
    /// @param first number of the first of these
    public List<Continuation> of(List<int[]> prompts, int first, Listener listener) {
        var texts = IntStream.range(0, prompts.size())
                .mapToObj(i -> new Text(first + i, prompts.get(i), settings)).toList();
        Autograd.recording(false, () -> {
            new Run(new ArrayDeque<>(texts), listener).toTheEnd();
            return null;
        });
        return texts.stream().map(Text::continuation).toList();
    }

    /// The texts that are continued now, and what is kept of them in the same order.
    private final class Run {
        private final ArrayDeque<Text> waiting;
        private final Listener listener;
        private List<Text> running = List.of();
        private @Nullable Past past;

        Run(ArrayDeque<Text> waiting, Listener listener) {
            this.waiting = waiting;
            this.listener = listener;
        }

        void toTheEnd() {
            try {
                while (!waiting.isEmpty() || !running.isEmpty()) {
                    Threads.goOn();
                    advance();
                    NativeHeap.trimNowAndThen();
                    long free = settings.batch - running.stream().filter(text -> !text.ended()).count();
                    begin(Stream.generate(waiting::poll).limit(Math.min(free, waiting.size())).toList());
                }
            } finally {
                close();
            }
        }

        /// One token more of each running text.
        private void advance() {
            if (running.isEmpty()) {
                return;
            }
            if (running.stream().anyMatch(text -> !model.keeps(text.length() - 1, text.length()))) {
                var again = running;
                close();
                begin(again);
                return;
            }
            long start = System.nanoTime();
            choose(running, logits(running, past, text -> text.length() - 1));
            speed = speed.written(running.size(), System.nanoTime() - start);
        }

        /// Reads texts from their beginnings and chooses a token more of each; those that have ended leave.
        private void begin(List<Text> next) {
            var byLength = new TreeMap<Integer, List<Text>>();
            next.forEach(text -> byLength.computeIfAbsent(text.length(), _ -> new ArrayList<>()).add(text));
            var read = new ArrayList<Text>();
            var pasts = new ArrayList<Past>();
            for (var alike : byLength.values()) {
                long start = System.nanoTime();
                var fresh = Past.nothing(alike.size());
                pasts.add(fresh);
                read.addAll(alike);
                long tokens = alike.stream().mapToInt(Text::length).sum();
                choose(alike, logits(alike, fresh, _ -> 0));
                speed = speed.read(tokens, System.nanoTime() - start);
            }
            rearrange(read, pasts);
        }

        private void choose(List<Text> texts, int[] tokens) {
            for (int i = 0; i < tokens.length; i++) {
                if (texts.get(i).add(tokens[i])) {
                    listener.token(texts.get(i).number, tokens[i]);
                }
            }
        }

        /// Those that have ended leave; others join, in their places where they can.
        ///
        /// @param pasts of the others, each of as many texts as are of one length
        private void rearrange(List<Text> others, List<Past> pasts) {
            if (others.isEmpty() && running.stream().noneMatch(Text::ended)) {
                return;
            }
            var stay = new ArrayList<Text>();
            var joining = new ArrayList<Past.Texts>();
            for (var one : pasts) {
                int at = joining.stream().mapToInt(some -> some.batch().texts()).sum();
                joining.add(going(others.subList(at, at + one.texts()), one, stay));
            }
            if (past != null && past.replace(ended(), joining)) {
                var all = new ArrayList<>(running);
                var places = ended();
                IntStream.range(0, places.size()).forEach(i -> all.set(places.get(i), stay.get(i)));
                running = all;
                return;
            }
            if (past != null) {
                var kept = new ArrayList<Text>();
                joining.addFirst(going(running, past, kept));
                stay.addAll(0, kept);
            }
            past = stay.isEmpty() ? closed(joining) : Past.gathered(joining);
            running = stay;
        }

        private List<Integer> ended() {
            return IntStream.range(0, running.size()).filter(i -> running.get(i).ended()).boxed().toList();
        }

        private static Past.Texts going(List<Text> texts, Past past, List<Text> stay) {
            var places = IntStream.range(0, texts.size()).filter(i -> !texts.get(i).ended()).boxed().toList();
            places.forEach(i -> stay.add(texts.get(i)));
            return new Past.Texts(past, places);
        }

        private static @Nullable Past closed(List<Past.Texts> parts) {
            parts.forEach(part -> part.batch().close());
            return null;
        }

        private void close() {
            if (past != null) {
                past.close();
            }
            past = null;
            running = List.of();
        }
    }

    /// What follows each text.
    ///
    /// @param from the first token that has not been read; as many follow in each text
    private int[] logits(List<Text> texts, Past past, ToIntFunction<Text> from) {
        try (var _ = Scope.open()) {
            var rows = texts.stream().map(text -> text.from(from.applyAsInt(text))).toList();
            int each = rows.getFirst().length;
            var ids = model.device().longs(rows.stream().flatMapToInt(Arrays::stream).asLongStream().toArray())
                    .view(rows.size(), each);
            var pass = Pass.evaluation().after(past);
            var last = model.body(ids, pass, Tap.NONE).narrow(1, each - 1, 1); // [B, 1, D]
            Tensor logits = model.head().forward(last, pass).select(1, 0); // [B, V]
            past.read(each);
            return settings.sampling.next(logits, texts.stream().map(text -> text.chance).toList());
        }
    }
}
