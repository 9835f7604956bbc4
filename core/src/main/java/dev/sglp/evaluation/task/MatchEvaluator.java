package dev.sglp.evaluation.task;

import dev.sglp.data.task.ExactMatch;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Asks a causal language model questions that it answers in text, greedily, as lm-evaluation-harness 0.4.13 does with a prompt a batch: of a
/// prompt that leaves no room for the answer the first tokens are left out; an answer ends where one of the task's strings, or the end of a
/// text written out, stands in it.
///
/// @param tokenizer of the network
/// @param stops     tokens that end a text
/// @param context   most tokens the network reads at once
public record MatchEvaluator(Tokenizer tokenizer, Set<Integer> stops, int context) {
    private static final int BATCH = 8;
    private static final int TOLD = 4 * BATCH; // questions between two words of how far it is

    public MatchEvaluator {
        stops = Set.copyOf(stops);
        if (context <= ExactMatchKind.TOKENS) {
            throw new UsageException(
                    "an answer is written in up to %d tokens behind its question, and the network reads %d at once"
                            .formatted(ExactMatchKind.TOKENS, context));
        }
    }

    /// The answers.
    public MatchScores score(LayeredModel model, ExactMatch task, Progress progress) {
        var until = new ArrayList<>(task.kind().until());
        tokenizer.eos().ifPresent(end -> until.add(tokenizer.decode(end)));
        var generator = new Generator(model, new Generator.Settings(Sampling.GREEDY, stops,
                written -> until.stream().anyMatch(tokenizer.decode(written)::contains), ExactMatchKind.TOKENS,
                BATCH));
        var prompts = task.items().stream().map(item -> fitting(item.prompt())).toList();
        var texts = new ArrayList<String>();
        try (var step = progress.step("answering " + task.kind().label(), prompts.size(), "questions")) {
            for (int from = 0; from < prompts.size(); from += TOLD) {
                var some = prompts.subList(from, Math.min(prompts.size(), from + TOLD));
                generator.of(some, (_, _) -> {}).forEach(said -> texts.add(text(said, until)));
                step.advance(some.size());
            }
        }
        return new MatchScores(task, texts);
    }

    private int[] fitting(int[] prompt) {
        int most = context - ExactMatchKind.TOKENS;
        return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - most), prompt.length);
    }

    private String text(Continuation said, List<String> until) {
        var text = tokenizer.decodePlain(said.tokens());
        for (var end : until) {
            int at = text.indexOf(end);
            text = at < 0 ? text : text.substring(0, at);
        }
        return text;
    }
}
