package dev.sglp.cli.generation;

import dev.sglp.Version;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.Beside;
import dev.sglp.cli.tuning.Interruption;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.evaluation.Machine;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Text that a language model writes itself, as data to heal a smaller one with.
@Command(name = "selfdata", modelTransformer = HelpLayout.class, description = "Lets a language model write text, as data to heal a smaller network with: JSON lines {\"text\": …}. The same seed writes the same texts at the same --threads; a stopped run goes on where it was.", footer = {
        "",
        "Examples:",
        "  sglp selfdata smollm2/ --tokens 2M --out heal.jsonl",
        "  sglp selfdata smollm2/ --prompts jsonl:questions.jsonl#text --tokens 500k \\",
        "      --length 256 --out heal.jsonl",
        "  sglp prune smollm2/ --data jsonl:heal.jsonl --remove 8 --out small/"})
public final class SelfdataCommand implements Callable<Integer> {
    private static final Pattern COUNT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)([kKmM]?)");
    private static final Sampling USUAL = new Sampling(1, 50, 1, 0);
    private static final int BATCHES = 4; // texts are kept together, so that a batch is full most of the time

    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "prompts")
    private PromptOptions prompts;

    @Mixin(name = "sampling")
    private SamplingOptions sampling;

    @Under(Heading.GENERATION)
    @Option(names = "--tokens", paramLabel = "N", required = true, description = "tokens to write altogether, for instance 2M or 500k; the last text ends behind them")
    private String tokens;

    @Under(Heading.GENERATION)
    @Option(names = "--length", paramLabel = "N", description = "tokens a text at most, behind its prompt (default: ${DEFAULT-VALUE})")
    private int length = 512;

    @Under(Heading.GENERATION)
    @Option(names = "--batch-size", paramLabel = "N", description = "texts that are written side by side (default: ${DEFAULT-VALUE})")
    private int batch = 32;

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "where the texts go; there is no such file yet")
    private Path out;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public SelfdataCommand() {}

    /// What is written as JSON.
    record Result(String command, String version, String out, int texts, long tokens, Sampling sampling,
            double tokensPerSecond, Machine machine) {}

    @Override
    public Integer call() throws IOException {
        long wanted = count(tokens);
        Arguments.atLeastOne("--length", length);
        Arguments.atLeastOne("--batch-size", batch);
        var texts = prompts.texts();
        var settings = sampling.sampling(USUAL, common.seed(), common.given());
        try (var file = model.open(common)) {
            Speaker.check(file);
            var begun = BegunTexts.open(out, identity(file, texts, settings)); // before anything is loaded
            var progress = common.start("Writing with " + ModelArgument.headline(file));
            if (begun.texts() > 0) {
                progress.say("%,d tokens in %,d texts are there already".formatted(begun.written(), begun.texts()));
            }
            try (var speaker = Speaker.of(file, sampling.type());
                    var _ = Interruption.ofProcess().leaving(
                            () -> "stopped; what was written so far is kept, and the same command goes on")) {
                var prompter = new Prompter(speaker, texts, common.seed());
                IntStream.range(0, Math.max(1, texts.size()))
                        .mapToObj(i -> speaker.remark(prompter.tokens(i).length, length)).flatMap(Optional::stream)
                        .findFirst().ifPresent(progress::say);
                var writing = new Writing(speaker, prompter,
                        new Generator.Settings(settings, speaker.stops(), length,
                                Math.ceilDiv(batch, Threads.lanes())));
                long known = begun.written();
                long start = System.nanoTime();
                write(writing, begun, wanted, progress);
                tell(begun, settings, wanted, (begun.written() - known) * 1e9 / (System.nanoTime() - start));
            }
        }
        return 0;
    }

    /// All that the texts depend on.
    private String identity(ModelFile file, List<String> texts, Sampling settings) throws IOException {
        return "%s; %s; %s; %s; stops %s; length %d, batch %d, threads %d; %d prompts %08x".formatted(Version.current(),
                file.identity(), settings, sampling.type(), Beside.stops(file), length, batch, common.threads(),
                texts.size(),
                texts.hashCode());
    }

    private void write(Writing writing, BegunTexts begun, long wanted, Progress progress) throws IOException {
        try (var step = progress.step("writing text", wanted, "tokens")) {
            step.advance(Math.min(wanted, begun.written()));
            while (begun.written() < wanted) {
                long missing = Math.ceilDiv(wanted - begun.written(), length);
                int count = (int) Math.clamp(missing, 1, (long) BATCHES * batch);
                begun.add(writing.texts(begun.texts(), count, step));
            }
        }
    }

    private void tell(BegunTexts begun, Sampling settings, long wanted, double perSecond) throws IOException {
        long written = begun.written();
        int texts = begun.finish(wanted);
        common.out().println("%s: %,d texts, %,d tokens written, %,.1f a second".formatted(
                out, texts, written, perSecond));
        common.writeJson(new Result(Arguments.command(), Version.current(), out.toString(), texts, written, settings,
                perSecond, Machine.here(Threads.count())));
    }

    private static long count(String typed) {
        var match = COUNT.matcher(typed);
        if (!match.matches()) {
            throw new UsageException("--tokens is a number such as 50000, 500k or 2M, got '%s'".formatted(typed));
        }
        int zeros = switch (match.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 3;
            case "m" -> 6;
            default -> 0;
        };
        long count = new BigDecimal(match.group(1)).scaleByPowerOfTen(zeros).longValue();
        if (count < 1) {
            throw new UsageException("--tokens is at least 1, got " + typed);
        }
        return count;
    }
}
