package dev.sglp.cli.generation;

import dev.sglp.generation.Continuation;
import dev.sglp.generation.Generator;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// Many texts, side by side: a thread each has some of them, since threads that share every product wait for each other.
///
/// @param settings of one thread
record Writing(Speaker speaker, Prompter prompter, Generator.Settings settings) {
    /// @param first number of the first text
    BegunTexts.Batch texts(int first, int count, Progress.Step step) {
        int lanes = Math.min(count, Threads.lanes());
        var said = new ArrayList<List<Continuation>>(Collections.nCopies(lanes, List.of()));
        Threads.sideBySide(lanes, lane -> {
            int from = first + count * lane / lanes;
            int end = first + count * (lane + 1) / lanes;
            said.set(lane, some(from, end, step));
        });
        var all = said.stream().flatMap(List::stream).toList();
        return new BegunTexts.Batch(
                IntStream.range(0, count).mapToObj(i -> prompter.text(first + i, all.get(i))).toList(),
                all.stream().map(text -> text.tokens().length).toList());
    }

    private List<Continuation> some(int from, int end, Progress.Step step) {
        var prompts = IntStream.range(from, end).mapToObj(prompter::tokens).toList();
        return new Generator(speaker.model(), settings).of(prompts, from, (_, _) -> step.advance(1));
    }
}
