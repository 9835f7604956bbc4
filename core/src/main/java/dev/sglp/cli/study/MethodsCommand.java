package dev.sglp.cli.study;

import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.study.MethodRows;
import dev.sglp.study.StudyPlan;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.StudyPlan.Trained;
import dev.sglp.study.Variant;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The methods beside each other.
@Command(name = "methods", modelTransformer = HelpLayout.class, description = "Every method on the same calibration data: which layers it removes, what that costs to find, what the network is worth.", footer = {
        "",
        "Rows (the names that --rows and --train-rows take):",
        "  gradnorm, gradnorm-skip, loss, kl, block-influence: SGLP, that score inside",
        "  three segments, the best plans verified; if named gradnorm-5-draws and,",
        "  the paper's sentence word for word, gradnorm-letter and",
        "  gradnorm-letter-accumulated, and paper: cut and chosen as --preset paper",
        "  does, nothing verified (its calibration of text: --samples 8);",
        "  of image networks loss-batch, kl-batch: as batch norm runs after bn;",
        "  one-shot-block-influence (ShortGPT), one-shot-loss (Shortened-LLaMA),",
        "  one-shot-magnitude, random (5 seeds);",
        "  sleb: one by one by loss; tail: the last layers;",
        "  contiguous (angular distance); of language models clusters (LoRP) and",
        "  prune-comp (Prune&Comp: with --repair scale its whole);",
        "  auto: the best plans of several methods, the lowest loss on the",
        "  verification data; best: the same by kl, with the repair in view, polished:",
        "  what prune does; fast: the better of two plans of one pass, as prune",
        "  --preset fast does (these three not with --verify 0)",
        "",
        "Examples:",
        "  sglp study methods smollm2/ --data text:valid.txt --test text:test.txt \\",
        "      --window 1024 --limit 100 --remove 4,8 --out study-methods/",
        "  sglp study methods smollm2/ --data text:valid.txt --remove 4 \\",
        "      --repeats 5 --rows gradnorm,gradnorm-skip,sleb",
        "  sglp study methods smollm2/ --data text:valid.txt --remove 4,8 \\",
        "      --rows best,contiguous,clusters,prune-comp --repair none,scale,refit",
        "  sglp study methods smollm2/ --data text:valid.txt --test text:test.txt \\",
        "      --test text:shakespeare.txt --test task:piqa=piqa.jsonl --remove 8 \\",
        "      --rows best,contiguous --repair none,refit --task-limit 500",
        "  sglp study methods resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9,12 --heal none,bn --out study-methods/",
        "  sglp study methods minilm/ --data text:valid.txt --test text:test.txt \\",
        "      --limit 100 --remove 2 --rows best,kl,random --repair none,refit",
        "",
        "DIR gets study.html, study.csv, study.json and parts/, from which the same",
        "command goes on where it was stopped."})
@Says(of = "--test", value = DataOptions.TEST
        + "; several for a language model, also task:NAME=FILE, each with a --test of its own: the first text is the report")
@Without("--criterion")
@Under(Heading.STUDY)
final class MethodsCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "study")
    private StudyOptions study;

    @Option(names = "--rows", paramLabel = "LIST", description = "only these rows (default: all)")
    private String rows = "";

    @Option(names = "--repeats", paramLabel = "N", description = "every row that depends on the calibration data N times, each with other data and another seed; reported as mean and standard deviation (default: ${DEFAULT-VALUE})")
    private int repeats = 1;

    @Option(names = "--task-limit", paramLabel = "N", description = "ask the first N questions of each --test task:NAME=FILE (default: all)")
    private int taskLimit = 0;

    @SuppressWarnings("NullAway") // picocli fills the fields
    MethodsCommand() {}

    @Override
    public Integer call() throws IOException {
        if (repeats < 1) {
            throw new UsageException("--repeats is at least 1, got " + repeats);
        }
        common.given().refuse("plays no part in study methods, whose rows name theirs (--rows)", "--criterion");
        if (taskLimit < 0) {
            throw new UsageException("--task-limit is at least 0, got " + taskLimit);
        }
        try (var opened = model.open(common)) {
            var file = data.typed(opened);
            study(file);
        }
        return 0;
    }

    private void study(ModelFile file) throws IOException {
        var run = new StudyRun(common, data, study);
        var removes = study.removes(file);
        run.checkTests(file);
        var known = new MethodRows(run.cka(file), study.sglp(), run.limits(file), common.seed());
        var variants = rows.isBlank() ? known.all() : known.named(StudyOptions.words(rows));
        var trained = study.epochs().isEmpty()
                ? Set.<String>of()
                : study.trainRows(variants.stream().map(v -> v.label().id()).toList(),
                        "gradnorm,one-shot-block-influence,random");
        var bench = run.start(file, "methods");
        var samples = new Samples(run, bench).repeats(repeats);
        var jobs = removes.stream().flatMap(r -> variants.stream().flatMap(v -> jobs(v, r, samples))).toList();
        run.finish(bench, Exams.of(bench, data, taskLimit), new StudyPlan("methods", jobs, run.treatments(bench),
                new Trained(trained, study.trainSeeds()), StudyPlan.Sizes.none()));
    }

    /// The row on each sample, where that makes a difference.
    private static Stream<Job> jobs(Variant variant, int remove, List<Dataset> samples) {
        return variant.readsCalibration()
                ? IntStream.range(0, samples.size())
                        .mapToObj(i -> new Job(variant.seeded(variant.seed() + i), remove, samples.get(i)))
                : Stream.of(new Job(variant, remove, samples.getFirst()));
    }
}
