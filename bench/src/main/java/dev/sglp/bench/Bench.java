package dev.sglp.bench;

import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import dev.sglp.tensor.Threads;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Reads the command line of `bench/run.sh` and prints what was measured.
@Command(name = "bench/run.sh", mixinStandardHelpOptions = true, description = "Times sglp and PyTorch in turn, round by round; or sglp and cp; or measures the limits of the machine.")
final class Bench implements Callable<Integer> {
    /// What is measured.
    enum Subject {
        gradnorm, evaluate, images, text, training, decode, limits, textlimits, writer, wave
    }

    private static final int ALL = 10_000;
    private static final int LARGE = 16;

    @Parameters(description = "${COMPLETION-CANDIDATES}")
    private Subject subject;

    @Option(names = "--data", paramLabel = "DIR", description = "real models and images (default: $SGLP_TEST_DATA)")
    private @Nullable Path data;

    @Option(names = "--model", paramLabel = "FILE", description = "under DIR (default: ${DEFAULT-VALUE})")
    private String model = "models/resnet56-4bfd9763.th";

    @Option(names = "--threads", paramLabel = "N", description = "of both sides (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--dtype", paramLabel = "T", description = "float32, bfloat16 or auto, of sglp (default: ${DEFAULT-VALUE}); PyTorch computes in float32")
    private String dtype = "float32";

    @Option(names = "--rounds", paramLabel = "N", description = "of each side, after one to warm up (default: ${DEFAULT-VALUE})")
    private int rounds = 7;

    @Option(names = "--candidates", paramLabel = "N", description = "gradnorm, images: blocks, wave: layers, spread evenly (default: all)")
    private int candidates = Integer.MAX_VALUE;

    @Option(names = "--images", paramLabel = "N", description = "evaluate: of the test split, spread evenly (default: 10,000); images: the first (default: 16)")
    private @Nullable Integer images;

    @Option(names = "--network", paramLabel = "NAME", description = "images: torchvision's word for what lies in --directory (default: ${DEFAULT-VALUE})")
    private String network = "resnet50";

    @Option(names = "--parts", paramLabel = "PART", split = ",", description = "images: which steps, of ${COMPLETION-CANDIDATES} (default: all)")
    private List<ImagesBench.Part> parts = List.of(ImagesBench.Part.values());

    @Option(names = "--batch-size", paramLabel = "N", description = "evaluate: of sglp, images: of both; PyTorch is timed with --rival-batch (default: ${DEFAULT-VALUE})")
    private int batch = 128;

    @Option(names = "--rival-batch", paramLabel = "N", description = "evaluate: of PyTorch (default: ${DEFAULT-VALUE})")
    private int rivalBatch = 128;

    @Option(names = "--directory", paramLabel = "DIR", description = "images: what make_fresh_images.py wrote; text, training, decode, wave: a Hugging Face directory, for instance what ./sglp convert wrote; writer: where the files are written and deleted again (default: the temporary folder)")
    private @Nullable Path directory;

    @Option(names = "--gguf", paramLabel = "FILE", description = "decode: llama.cpp on this file is the rival, not transformers; needs cyllama")
    private @Nullable Path gguf;

    @Option(names = "--texts", paramLabel = "N", description = "decode: that are written side by side (default: ${DEFAULT-VALUE})")
    private int texts = 1;

    @Option(names = "--gigabytes", paramLabel = "N", description = "writer: of the checkpoint, which lies on the disk twice (default: ${DEFAULT-VALUE})")
    private int gigabytes = 4;

    @Option(names = "--memory", paramLabel = "MIB", description = "wave: of the streamed network (default: ${DEFAULT-VALUE})")
    private long memory = 600;

    @Option(names = "--rival-dtype", paramLabel = "T", description = "text, training, decode: float32 or bfloat16, of PyTorch (default: ${DEFAULT-VALUE})")
    private String rivalDtype = "float32";

    @Option(names = "--python", paramLabel = "PYTHON", description = "with torch, safetensors and Pillow; none: sglp alone is timed (default: ${DEFAULT-VALUE})")
    private String python = "python3";

    @Option(names = "--tools", paramLabel = "DIR", hidden = true)
    private Path tools = Path.of("tools");

    @Option(names = "--json", paramLabel = "FILE", description = "everything as one record")
    private @Nullable Path json;

    @SuppressWarnings("NullAway") // picocli fills the fields
    private Bench() {}

    public static void main(String... args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Threads.use(threads);
        Record result = switch (subject) {
            case gradnorm -> new GradNormBench(settings(), candidates).run();
            case evaluate -> new EvaluateBench(settings(), images == null ? ALL : images, batch, rivalBatch).run();
            case images -> new ImagesBench(settings(), directory(), network, parts,
                    new ImagesBench.Count(images == null ? LARGE : images, batch, candidates)).run();
            case text -> new TextGradNormBench(settings(), directory(), rivalDtype).run();
            case training -> new TextTrainingBench(settings(), directory(), rivalDtype).run();
            case decode -> new DecodeBench(settings(), directory(), rivalDtype, Optional.ofNullable(gguf), texts).run();
            case limits -> new Limits(rounds).run();
            case textlimits -> new TextLimits(rounds).run();
            case wave -> new WaveBench(directory(), candidates, memory << 20, rounds).run();
            case writer -> new WriterBench(place(), gigabytes * 1_000_000_000L, rounds).run();
        };
        if (json != null) {
            Json.write(result, json);
        }
        return 0;
    }

    private Settings settings() {
        return new Settings(folder(), model, dtype, rounds, new Settings.Rival(python, tools, threads));
    }

    private Path place() {
        return directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    }

    private Path folder() {
        return Optional.ofNullable(data).or(() -> Optional.ofNullable(System.getenv("SGLP_TEST_DATA")).map(Path::of))
                .orElseThrow(
                        () -> new IllegalArgumentException("--data DIR or SGLP_TEST_DATA says where the models are"));
    }

    private Path directory() {
        if (directory == null) {
            throw new IllegalArgumentException(
                    "images, text, training, decode and wave need --directory DIR: what make_fresh_images.py or ./sglp convert wrote");
        }
        return directory;
    }

    static void say(String line, Object... values) {
        System.out.println(values.length == 0 ? line : line.formatted(values));
    }
}
