package dev.sglp.cli.generation;

import dev.sglp.family.ModelFile;
import dev.sglp.generation.Divergence;
import dev.sglp.generation.Sampling;
import dev.sglp.progress.Progress;
import dev.sglp.report.quality.Sample;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The same prompts continued by a network and by the smaller one that was made of it.
public final class SideBySide {
    private static final int TOKENS = 40;

    private SideBySide() {}

    /// @throws dev.sglp.fault.UsageException where the network does not write text
    public static void check(ModelFile file) {
        Speaker.check(file);
    }

    /// @param written the smaller network's file or directory
    public static List<Sample> of(ModelFile dense, Path written, List<String> prompts, Progress progress)
            throws IOException {
        try (var step = progress.step("continuing prompts", prompts.size(), "prompts");
                var other = ModelFile.open(written).on(dense.device());
                var large = Speaker.of(dense, DType.F32);
                var small = Speaker.of(other, DType.F32)) {
            var first = new Voice(large, Sampling.GREEDY, TOKENS);
            var second = new Voice(small, Sampling.GREEDY, TOKENS);
            var all = new ArrayList<Sample>();
            for (var prompt : prompts) {
                int[] tokens = large.tokens(prompt);
                var said = first.generator().of(List.of(tokens), (_, _) -> {}).getFirst();
                var less = second.generator().of(List.of(tokens), (_, _) -> {}).getFirst();
                all.add(new Sample(prompt, text(first.words(said)), text(second.words(less)),
                        Divergence.along(said, large.model(), small.model())));
                step.advance(1);
            }
            return all;
        }
    }

    private static Sample.Text text(Voice.Words words) {
        return new Sample.Text(words.text(), words.repeated());
    }
}
