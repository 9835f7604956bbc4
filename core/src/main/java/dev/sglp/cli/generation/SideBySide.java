package dev.sglp.cli.generation;

import dev.sglp.Sglp.Stages;
import dev.sglp.family.ModelFile;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Divergence;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.report.quality.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The same prompts continued by a network and by smaller ones that were made of it, each when it is there. Of the first one it keeps what
/// the others are compared with; close it when none is left.
public final class SideBySide implements Stages, AutoCloseable {
    private static final int TOKENS = 40;
    private static final int TOGETHER = 8;

    private final Tongue tongue;
    private final List<String> prompts;
    private final List<int[]> tokens;
    private final boolean aloud;
    private final Progress progress;
    private final List<Divergence> first = new ArrayList<>();
    private final List<List<Sample.Said>> said = new ArrayList<>();

    private SideBySide(Tongue tongue, List<String> prompts, boolean aloud, Progress progress) {
        this.tongue = tongue;
        this.prompts = List.copyOf(prompts);
        this.tokens = prompts.stream().map(tongue::tokens).toList();
        this.aloud = aloud;
        this.progress = progress;
        tokens.stream().max(Comparator.comparingInt(prompt -> prompt.length))
                .flatMap(longest -> tongue.remark(longest.length, TOKENS)).ifPresent(progress::say);
    }

    /// @param file    whose tokens all of them read
    /// @param prompts at least one
    /// @param aloud   whether the user is told all of it
    /// @throws IOException where there is no tokenizer
    /// @throws dev.sglp.fault.UsageException where a prompt cannot be continued
    static SideBySide of(ModelFile file, List<String> prompts, boolean aloud, Progress progress) throws IOException {
        return new SideBySide(Tongue.of(file), prompts, aloud, progress);
    }

    /// Lets a network go on; the first one is the one that the others are compared with.
    ///
    /// @param state what it is: `pruned`
    @Override
    public void reached(String state, LayeredModel network) {
        boolean begins = said.isEmpty();
        try (var step = progress.step("continuing prompts, " + state, prompts.size(), "prompts")) {
            var texts = new Generator(network,
                    new Generator.Settings(Sampling.GREEDY, tongue.stops(), TOKENS, TOGETHER)).of(tokens,
                            (_, _) -> {});
            for (int i = 0; i < prompts.size(); i++) {
                if (begins) {
                    first.add(Divergence.of(texts.get(i), network));
                    said.add(new ArrayList<>());
                }
                said.get(i).add(said(state, texts.get(i), begins ? null : first.get(i).to(network)));
                step.advance(1);
            }
        }
    }

    private Sample.Said said(String state, Continuation text, @Nullable Double kl) {
        var words = tongue.words(text);
        return new Sample.Said(state, words.text(), words.repeated(), kl);
    }

    /// What was said so far.
    public List<Sample> samples() {
        var all = new ArrayList<Sample>();
        for (int i = 0; i < said.size(); i++) {
            all.add(new Sample(prompts.get(i), said.get(i)));
        }
        return all;
    }

    /// The same for the user.
    public List<String> lines() {
        return aloud
                ? samples().stream().flatMap(sample -> sample.lines().stream()).toList()
                : List.of(Sample.summary(samples()));
    }

    @Override
    public void close() {
        first.forEach(Divergence::close);
        first.clear();
    }
}
