package dev.sglp.training.room;

import dev.sglp.evaluation.Memory;
import dev.sglp.fault.UsageException;
import dev.sglp.model.work.MemorySize;
import dev.sglp.progress.Progress;
import dev.sglp.training.gradient.Passes;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// How much memory a training may take, and how its steps go into that.
///
/// @param again whether layers are run again on the way back in any case
/// @param most  bytes of all that a step takes; empty where nobody says: then no step is cut otherwise than usual, so that the same training
///              gives the same numbers wherever it goes on
public record Room(boolean again, OptionalLong most) {
    /// All is kept, and nobody says how much that may be.
    public static final Room USUAL = new Room(false, OptionalLong.empty());

    /// The first that fits: as it is usual; layers run again on the way back, for the same numbers; fewer windows at a time, whose gradients
    /// are summed in another order.
    ///
    /// @throws UsageException where nothing fits into what was asked for; says what would
    public Passes of(StepMemory step, Progress progress) {
        var usual = new Passes(again, Passes.USUAL.tokens());
        progress.say(step.words(usual));
        long limit = most.orElseGet(() -> step.alreadyThere() + Memory.availableBytes());
        if (step.bytes(usual) <= limit) {
            return usual;
        }
        var fewer = IntStream.iterate(Math.toIntExact(step.tokens(usual) / step.window()), w -> w > 0, w -> w - 1)
                .mapToObj(windows -> new Passes(true, windows * step.window()));
        var found = Stream.concat(Stream.of(new Passes(true, usual.tokens())), fewer)
                .limit(most.isPresent() ? Long.MAX_VALUE : 1).filter(passes -> step.bytes(passes) <= limit).findFirst();
        found.ifPresent(passes -> progress.say(said(step, passes, usual)));
        return found.or(() -> beyond(step, limit, usual, progress)).orElseThrow(() -> new UsageException(
                "--memory %s does not hold a step of this training: one window of %,d tokens at a time, its layers run again, takes %s. The least that works: %s. Less is taken by --train lora or partial, and by a shorter --window"
                        .formatted(MemorySize.typed(limit), step.window(), MemorySize.words(least(step)),
                                MemorySize.words(least(step)))));
    }

    private static long least(StepMemory step) {
        return step.bytes(new Passes(true, step.window()));
    }

    private String said(StepMemory step, Passes passes, Passes usual) {
        var fewer = step.tokens(passes) < step.tokens(usual)
                ? ", and %,d tokens go together instead of %,d: their gradients are summed in another order"
                        .formatted(step.tokens(passes), step.tokens(usual))
                : "; the numbers are the same";
        return "  within %s layers are run again on the way back%s: %s".formatted(
                MemorySize.words(most.orElseGet(Memory::availableBytes)), fewer,
                MemorySize.words(step.bytes(passes)));
    }

    /// Where nobody says how much there is, it is tried.
    private Optional<Passes> beyond(StepMemory step, long limit, Passes usual, Progress progress) {
        if (most.isPresent()) {
            return Optional.empty();
        }
        progress.say("  that may be more than there is (%s). --memory says how much to take; the least that works: %s"
                .formatted(MemorySize.typed(limit), MemorySize.words(least(step))));
        return Optional.of(new Passes(true, usual.tokens()));
    }
}
