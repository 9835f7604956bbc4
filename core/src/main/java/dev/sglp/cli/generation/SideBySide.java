package dev.sglp.cli.generation;

import dev.sglp.family.ModelFile;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Divergence;
import dev.sglp.generation.Sampling;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.report.quality.Sample;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The same prompts continued by a network and by smaller ones that were made of it, each when it is there.
public final class SideBySide {
    private static final int TOKENS = 40;

    private final ModelFile dense;
    private final String named;
    private final List<String> prompts;
    private final Progress progress;
    private final List<Continuation> whole = new ArrayList<>();
    private final List<List<Sample.Said>> said = new ArrayList<>();

    /// @param named what the first network is called: `dense`
    public SideBySide(ModelFile dense, String named, List<String> prompts, Progress progress) {
        this.dense = dense;
        this.named = named;
        this.prompts = List.copyOf(prompts);
        this.progress = progress;
    }

    /// @throws dev.sglp.fault.UsageException where the network does not write text
    public static void check(ModelFile file) {
        Speaker.check(file);
    }

    /// Whether there is a prompt.
    public boolean asked() {
        return !prompts.isEmpty();
    }

    /// Lets a network go on that is in memory.
    ///
    /// @param name what it is: `pruned`
    public SideBySide hear(String name, LayeredModel other) throws IOException {
        if (prompts.isEmpty()) {
            return this;
        }
        try (var step = progress.step("continuing prompts, " + name, prompts.size(), "prompts");
                var large = Speaker.of(dense, DType.F32)) {
            var first = new Voice(large, Sampling.GREEDY, TOKENS);
            var second = new Voice(large.of(other), Sampling.GREEDY, TOKENS);
            for (int i = 0; i < prompts.size(); i++) {
                begin(i, first);
                var text = whole.get(i);
                var less = second.generator().of(List.of(text.prompt()), (_, _) -> {}).getFirst();
                said.get(i).add(said(name, second.words(less),
                        Optional.of(Divergence.along(text, large.model(), other))));
                step.advance(1);
            }
        }
        return this;
    }

    /// Lets a network go on that was written.
    public SideBySide hear(String name, Path written) throws IOException {
        if (prompts.isEmpty()) {
            return this;
        }
        try (var file = ModelFile.open(written).on(dense.device()); var small = Speaker.of(file, DType.F32)) {
            return hear(name, small.model());
        }
    }

    /// What the whole network says is asked once.
    private void begin(int prompt, Voice first) {
        if (prompt == whole.size()) {
            int[] tokens = first.speaker().tokens(prompts.get(prompt));
            whole.add(first.generator().of(List.of(tokens), (_, _) -> {}).getFirst());
            said.add(new ArrayList<>(List.of(said(named, first.words(whole.getLast()), Optional.empty()))));
        }
    }

    private static Sample.Said said(String name, Voice.Words words, Optional<Double> kl) {
        return new Sample.Said(name, words.text(), words.repeated(), kl.orElse(null));
    }

    /// What was said so far; none where no prompt was given.
    public List<Sample> samples() {
        var all = new ArrayList<Sample>();
        for (int i = 0; i < said.size(); i++) {
            all.add(new Sample(prompts.get(i), said.get(i)));
        }
        return all;
    }
}
