package dev.sglp.cli.generation;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.Records;
import dev.sglp.Version;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.generation.Voice.Words;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.Beside;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.chat.ChatTemplate;
import dev.sglp.evaluation.Machine;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Divergence;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a language model says.
@Command(name = "generate", modelTransformer = HelpLayout.class, description = "Lets a language model continue texts, and another beside it: whether a smaller network still speaks.", footer = {
        "",
        "Examples:",
        "  sglp generate small/ --prompt \"The capital of France is\"",
        "  sglp generate small/ --prompt \"Once upon a time\" --compare smollm2/ \\",
        "      --tokens 64",
        "  sglp generate small/ --prompt \"Why is the sky blue?\" --chat",
        "  sglp generate smollm2.gguf --prompts text:questions.txt --temperature 0.8 \\",
        "      --top-p 0.95 --top-k 50 --seed 1 --json said.json"})
public final class GenerateCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "prompts")
    private PromptOptions prompts;

    @Mixin(name = "sampling")
    private SamplingOptions sampling;

    @Under(Heading.GENERATION)
    @Option(names = "--tokens", paramLabel = "N", description = "tokens a continuation at most (default: ${DEFAULT-VALUE})")
    private int limit = 128;

    @Under(Heading.DATA)
    @Option(names = "--chat", description = "a prompt is what a user says, and the network answers: by the chat template of its tokenizer")
    private boolean chat;

    @Under(Heading.GENERATION)
    @Option(names = "--compare", paramLabel = "MODEL", description = "the network that MODEL was made of: it continues the same prompts, and is told first")
    private @Nullable Path dense;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public GenerateCommand() {}

    /// @param kl mean divergence of the network from the dense one along what that one wrote, in nats; absent without one
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Said(String prompt, @Nullable Words dense, Words network, @Nullable Double kl) {}

    /// Tokens a second.
    record Rates(double prefill, double decode) {
        static Rates of(Voice voice) {
            var speed = voice.generator().speed();
            return new Rates(speed.readPerSecond(), speed.writtenPerSecond());
        }
    }

    /// What is written as JSON.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(String command, String version, Model model, @Nullable Model dense, Sampling sampling,
            List<Said> texts, Rates tokensPerSecond, @Nullable Rates denseTokensPerSecond, Machine machine) {}

    @Override
    public Integer call() throws IOException {
        var texts = prompts.texts();
        if (texts.isEmpty()) {
            throw new UsageException("there is nothing to go on with: --prompt TEXT or --prompts jsonl:FILE#FIELD");
        }
        var choice = sampling.sampling(Sampling.GREEDY, common.seed(), common.given());
        var type = sampling.type();
        new Generator.Settings(choice, Set.of(), limit, 1); // checks itself before anything is said
        try (var file = model.open(common);
                var other = dense == null ? null : ModelFile.open(dense).on(common.device())) {
            Speaker.check(file);
            if (other != null) {
                Speaker.check(other);
            }
            var tokenizer = ModelTokenizer.tokenizer(file);
            var others = other == null ? tokenizer : ModelTokenizer.tokenizer(other);
            checkSame(tokenizer, file, others);
            var template = chat ? Beside.chat(file) : null;
            common.start("Continuing %d prompts with %s".formatted(texts.size(), ModelArgument.headline(file)));
            try (var small = Speaker.of(file, type, tokenizer);
                    var large = other == null ? null : Speaker.of(other, type, others)) {
                speak(texts, template, new Voice(small, choice, limit),
                        large == null ? null : new Voice(large, choice, limit));
            }
        }
        return 0;
    }

    private void checkSame(Tokenizer own, ModelFile file, Tokenizer others) throws IOException {
        if (!own.json().equals(others.json())) {
            throw new IOException("[%s] has another tokenizer than [%s]: their texts cannot be compared"
                    .formatted(dense, file.checkpoint().path()));
        }
    }

    private static int[] prompt(String text, @Nullable ChatTemplate template, Speaker speaker) throws IOException {
        return template == null
                ? speaker.tokens(text)
                : speaker.tokenizer().encode(template.text(List.of(new ChatTemplate.Message("user", text))));
    }

    private void speak(List<String> texts, @Nullable ChatTemplate template, Voice voice, @Nullable Voice dense)
            throws IOException {
        var out = common.out();
        var all = new ArrayList<Said>();
        for (var text : texts) {
            int[] prompt = prompt(text, template, voice.speaker());
            out.println((all.isEmpty() ? "" : "\n") + "> " + text);
            var first = dense == null ? null : dense.say(prompt, out);
            var said = voice.say(prompt, out);
            var kl = first == null || dense == null
                    ? null
                    : Divergence.along(first, dense.speaker().model(), voice.speaker().model());
            var one = new Said(text, first == null ? null : voice.words(first), voice.words(said), kl);
            all.add(one);
            out.println(told(one));
        }
        if (dense != null) {
            out.println(dense.rates());
        }
        out.println(voice.rates());
        common.writeJson(new Result(Arguments.command(), Version.current(), Records.model(voice.speaker().file()),
                dense == null ? null : Records.model(dense.speaker().file()), voice.sampling(), all,
                Rates.of(voice), dense == null ? null : Rates.of(dense), Machine.here(Threads.count())));
    }

    private static String told(Said said) {
        var network = said.network;
        if (said.dense == null) {
            return "(%s of 4-grams repeated%s)".formatted(Human.percent(network.repeated()),
                    network.ended() ? "; ended by itself" : "");
        }
        return "(of 4-grams repeated: dense %s, MODEL %s; KL of MODEL from the dense network along its text %.3f nats a token)"
                .formatted(Human.percent(said.dense.repeated()), Human.percent(network.repeated()), said.kl);
    }
}
