package dev.sglp.cli.study;

import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.study.MethodRows;
import dev.sglp.study.StudyPlan;
import dev.sglp.study.StudyPlan.Draw;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.StudyPlan.Sizes;
import dev.sglp.study.StudyPlan.Trained;
import dev.sglp.study.Variant;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How many calibration data are enough.
@Command(name = "calibration", modelTransformer = HelpLayout.class, description = "Similarity, segments and plans by number of calibration images or tokens: both CKA estimators at every size, the plans at some sizes, for several draws; how alike the plans of different draws are.", footer = {
        "",
        "Examples:",
        "  sglp study calibration resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --out study-calibration/",
        "  sglp study calibration resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --sizes 32,128,512 --plan-sizes 32,128 --draws 5",
        "  sglp study calibration smollm2/ --data text:valid.txt --test text:test.txt \\",
        "      --remove 4 --rows gradnorm-skip,sleb --out study-calibration/",
        "",
        "Draws of images are independent; those of text share no window. --samples and",
        "--epochs play no part in the choices here.",
        "DIR gets study.html, study.csv, study.json and parts/, from which the same",
        "command goes on where it was stopped."})
@Without("--train-rows")
@Under(Heading.STUDY)
final class CalibrationCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "study")
    private StudyOptions study;

    @Option(names = "--sizes", paramLabel = "LIST", description = "numbers of images for similarity and segments (default: 32,64,128,256,512,1024); of text: of tokens (default: 512,2048,8192)")
    private @Nullable String sizes;

    @Option(names = "--plan-sizes", paramLabel = "LIST", description = "numbers of images a plan is made on (default: 32,128,512); of text: of tokens (default: all of --sizes)")
    private @Nullable String planSizes;

    @Option(names = "--draws", paramLabel = "N", description = "draws of calibration data (default: ${DEFAULT-VALUE})")
    private int draws = 3;

    @Option(names = "--rows", paramLabel = "LIST", description = "rows of `study methods` that make the plans, for instance gradnorm-skip,sleb (default: SGLP with --criterion)")
    private String rows = "";

    @SuppressWarnings("NullAway") // picocli fills the fields
    CalibrationCommand() {}

    @Override
    public Integer call() throws IOException {
        if (draws < 1) {
            throw new UsageException("--draws is at least 1, got " + draws);
        }
        common.given().refuse("plays no part in study calibration, where --epochs trains every row", "--train-rows");
        if (!rows.isBlank()) {
            common.given().refuse("plays no part beside --rows, which name theirs", "--criterion");
        }
        try (var opened = model.open(common)) {
            var file = data.typed(opened);
            boolean text = file.architecture().layout().tokens();
            int least = text ? data.calibrationWindow(file) : 4;
            String all = sizes != null ? sizes : text ? usual(least) : "32,64,128,256,512,1024";
            var numbers = StudyOptions.numbers("--sizes", all);
            if (numbers.isEmpty() || numbers.getFirst() < least) {
                throw new UsageException(text
                        ? "--sizes: at least one window of %d tokens, got %s".formatted(least, all)
                        : "--sizes: CKA needs at least 4 images, got " + all);
            }
            var plans = plans(least, text ? List.of() : List.of(32, 128, 512), numbers);
            if (text) {
                wholeWindows("--sizes", numbers, least);
                wholeWindows("--plan-sizes", plans, least);
            }
            study(file, numbers, plans);
        }
        return 0;
    }

    /// In whole windows.
    private static String usual(int window) {
        return IntStream.of(512, 2048, 8192).map(n -> Math.max(1, n / window) * window).mapToObj(String::valueOf)
                .collect(Collectors.joining(","));
    }

    private static void wholeWindows(String flag, List<Integer> tokens, int window) {
        tokens.stream().filter(n -> n % window != 0).findFirst().ifPresent(n -> {
            throw new UsageException("%s: %d tokens are no whole number of windows of %d, take %d or %d"
                    .formatted(flag, n, window, n / window * window, (n / window + 1) * window));
        });
    }

    /// @param usual where nobody says otherwise, as far as they fit; else all
    private List<Integer> plans(int least, List<Integer> usual, List<Integer> all) {
        if (planSizes == null) {
            var fitting = usual.stream().filter(n -> n <= all.getLast()).toList();
            return fitting.isEmpty() ? all : fitting;
        }
        var plans = StudyOptions.numbers("--plan-sizes", planSizes);
        if (plans.isEmpty() || plans.getFirst() < least || plans.getLast() > all.getLast()) {
            throw new UsageException(
                    "--plan-sizes %s: at least one, from %d to the largest of --sizes, %d".formatted(planSizes, least,
                            all.getLast()));
        }
        return plans;
    }

    private void study(ModelFile file, List<Integer> all, List<Integer> plans) throws IOException {
        var run = new StudyRun(common, data, study);
        var removes = study.removes(file);
        run.check(file);
        var variants = rows.isBlank()
                ? List.of(run.base(file))
                : new MethodRows(run.cka(file), study.sglp(), run.limits(file), common.seed())
                        .named(StudyOptions.words(rows)).stream()
                        .filter(v -> v.seed() == common.seed()).toList(); // a draw has one seed
        var bench = run.start(file, "calibration");
        var drawn = new Samples(run, bench).draws(draws, all.getLast());
        String unit = file.architecture().layout().tokens() ? "tokens" : "images";
        var jobs = removes.stream().flatMap(r -> variants.stream().flatMap(v -> plans.stream()
                .flatMap(n -> jobs(new Size(n, unit), v, r, drawn)))).toList();
        run.finish(bench, new StudyPlan("calibration", jobs, run.treatments(bench),
                new Trained(jobs.stream().map(j -> j.variant().label().id()).collect(Collectors.toSet()),
                        study.trainSeeds()),
                new Sizes(drawn, all)));
    }

    private record Size(int number, String unit) {}

    /// The row on every draw.
    private Stream<Job> jobs(Size size, Variant variant, int remove, List<Draw> drawn) {
        String what = "%d calibration %s".formatted(size.number, size.unit);
        String id = size.unit + "-" + size.number;
        String choice = variant.label().title();
        var label = rows.isBlank()
                ? new Label(id, what, "the same choice on other data", choice)
                : new Label(variant.label().id() + "-" + id, "%s, %d %s".formatted(choice, size.number, size.unit),
                        "the same choice on other data",
                        choice);
        return drawn.stream().map(d -> new Job(variant.seeded(d.seed()).labelled(label), remove,
                d.first().apply(size.number)));
    }
}
