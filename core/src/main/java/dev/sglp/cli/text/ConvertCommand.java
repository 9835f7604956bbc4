package dev.sglp.cli.text;

import dev.sglp.Records;
import dev.sglp.Version;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.Documents;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.tuning.TypeOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.surgery.DirectorySurgeon;
import dev.sglp.surgery.Surgeon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A language model as a Hugging Face directory.
@Command(name = "convert", modelTransformer = HelpLayout.class, description = "Writes a language model as a Hugging Face directory with its tokenizer; a GGUF file's blocks of few bits become float16, with --write-as f32 exactly the numbers they stand for. What was written is opened again and has to compute the same.", footer = {
        "",
        "Examples:",
        "  sglp convert SmolLM2-135M-Instruct.Q4_1.gguf --out smollm2/",
        "  sglp convert Llama-3.1-8B.Q4_K_M.gguf --out llama/ --max-shard-size 5GB",
        "  sglp convert llama/ --out half/ --write-as bf16"})
@Without("--device")
public final class ConvertCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the files go; it holds no model yet")
    private Path out;

    @Mixin(name = "types")
    private TypeOptions types;

    @Mixin(name = "shards")
    private ShardOptions shards;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public ConvertCommand() {}

    record Converted(String directory, long bytes, Stored stored, double largestLogitDifference) {}

    @Override
    public Integer call() throws IOException {
        try (var file = model.open()) {
            if (!file.architecture().directory()) {
                throw new UsageException(
                        "convert writes language models; %s is a %s. prune --remove 0 writes it anew".formatted(
                                file.checkpoint().path(), file.architecture().description()));
            }
            long shard = shards.bytes(file.architecture());
            Surgeon.checkOutput(file, out, OutputFormat.SAFETENSORS);
            var progress = common.start("Converting " + ModelArgument.headline(file));
            ModelTokenizer.complaint(file).ifPresent(progress::say);
            try (var step = progress.step("writing and opening again", 1, "model")) {
                var written = new DirectorySurgeon(file, shard).write(LayerSet.EMPTY, types.as(), out,
                        weighed -> documents(file, weighed));
                step.advance(1);
                print(file, written);
            }
        }
        return 0;
    }

    private Map<String, byte[]> documents(ModelFile file, Surgeon.Written written) throws IOException {
        var config = written.types().in(file.architecture().config(LayerSet.EMPTY, List.of()));
        var documents = Documents.of(file, config);
        if (!Files.exists(out.resolve("README.md"))) { // of a GGUF file that is converted where it lies
            documents.putAll(ModelCards.document(file, card -> card.converted(Records.stored(file, written),
                    Version.current(), Arguments.command())));
        }
        return documents;
    }

    private void print(ModelFile file, Surgeon.Written written) throws IOException {
        var print = common.out();
        var stored = Records.stored(file, written);
        print.println("written: %s (%s of weights, from %s); opened again, %s at most %.1e apart".formatted(out,
                Human.bytes(stored.bytes()), Human.bytes(stored.given()), file.architecture().answer().numbers(),
                written.largestDifference()));
        stored.sentences().forEach(print::println);
        print.println("open it with:");
        print.println(lines(file).stripTrailing().indent(2).stripTrailing());
        common.writeJson(new Converted(out.toString(), stored.bytes(), stored, written.largestDifference()));
    }

    /// What opens it, without the line for a tokenizer where none was written.
    private String lines(ModelFile file) throws IOException {
        var lines = file.architecture().openWith(LayerSet.EMPTY);
        try (var written = Files.list(out)) {
            return written.anyMatch(ModelTokenizer::isPart)
                    ? lines
                    : lines.replace(", AutoTokenizer", "").replaceAll("(?m)^tokenizer = .*\\R?", "");
        }
    }
}
