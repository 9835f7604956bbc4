package dev.sglp.cli.study;

import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.DataOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.study.StudyRun.Bench;
import dev.sglp.data.Sampling;
import dev.sglp.data.image.ImageSet;
import dev.sglp.family.ModelFile;
import dev.sglp.study.StudyPlan;
import dev.sglp.study.StudyPlan.Draw;
import dev.sglp.study.StudyPlan.Job;
import dev.sglp.study.StudyPlan.Sizes;
import dev.sglp.study.StudyPlan.Trained;
import dev.sglp.study.Variants;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How many calibration images are enough.
@Command(name = "calibration", description = "Similarity, segments and plans by number of calibration images: both CKA estimators at every size, the plan at some sizes, for independent draws.", footer = {
        "", "Examples:",
        "  sglp study calibration resnet56.th --data images:cifar10-jpeg.zip --remove 9 --out study-calibration/",
        "  sglp study calibration resnet56.th --data images:cifar10-jpeg.zip --remove 9 --sizes 32,128,512 --plan-sizes 32,128 --draws 5",
        "",
        "--samples and --epochs play no part in the choices here. DIR gets study.html, study.csv, study.json and parts/, from which the same command goes on where it was stopped."})
final class CalibrationCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "study")
    private StudyOptions study;

    @Option(names = "--sizes", paramLabel = "LIST", description = "numbers of images for similarity and segments (default: ${DEFAULT-VALUE})")
    private String sizes = "32,64,128,256,512,1024";

    @Option(names = "--plan-sizes", paramLabel = "LIST", description = "numbers of images a plan is made on (default: ${DEFAULT-VALUE})")
    private String planSizes = "32,128,512";

    @Option(names = "--draws", paramLabel = "N", description = "independent draws of images (default: ${DEFAULT-VALUE})")
    private int draws = 3;

    @SuppressWarnings("NullAway") // picocli fills the fields
    CalibrationCommand() {}

    @Override
    public Integer call() throws IOException {
        var all = StudyOptions.numbers("--sizes", sizes);
        var plans = StudyOptions.numbers("--plan-sizes", planSizes);
        check(all, plans);
        try (var file = model.open()) {
            study(file, all, plans);
        }
        return 0;
    }

    private void check(List<Integer> all, List<Integer> plans) {
        if (all.isEmpty() || all.getFirst() < 4) {
            throw new IllegalArgumentException("--sizes: CKA needs at least 4 images, got " + sizes);
        }
        if (plans.isEmpty() || plans.getLast() > all.getLast()) {
            throw new IllegalArgumentException(
                    "--plan-sizes %s: at least one, and none above the largest of --sizes, %d".formatted(planSizes,
                            all.getLast()));
        }
        if (draws < 1) {
            throw new IllegalArgumentException("--draws is at least 1, got " + draws);
        }
    }

    private void study(ModelFile file, List<Integer> all, List<Integer> plans) throws IOException {
        var run = new StudyRun(common, data, study);
        var removes = study.removes(StudyRun.open(file));
        run.check(file);
        var bench = run.start(file, "calibration");
        var drawn = draw(run, bench, all.getLast());
        var base = run.base(file);
        var jobs = removes.stream().flatMap(r -> plans.stream().flatMap(n -> drawn.stream().map(d -> new Job(
                base.seeded(d.seed()).named("images-" + n, "%d calibration images".formatted(n),
                        "the same choice on other images"),
                r, d.first(n))))).toList();
        run.finish(bench, new StudyPlan("calibration", jobs, run.treatments(bench),
                new Trained(Set.copyOf(jobs.stream().map(j -> j.variant().label().id()).toList()), study.trainSeeds()),
                new Sizes(drawn, all)));
    }

    /// From everything that is neither verified nor reported on.
    private List<Draw> draw(StudyRun run, Bench bench, int most) throws IOException {
        if (!(run.training(bench) instanceof ImageSet pool)) {
            throw new IOException("[%s] holds no images".formatted(bench.roles().calibration().name()));
        }
        if (pool.size() < most) {
            throw new IOException("[%s] has %,d images to draw from, --sizes asks for %,d. Lower --sizes"
                    .formatted(pool.name(), pool.size(), most));
        }
        return IntStream.range(0, draws).mapToObj(i -> {
            long seed = common.seed() + i;
            int[] order = Arrays.copyOf(Sampling.order(pool.labels(), seed), most);
            return new Draw(seed, pool.select("draw %d".formatted(seed), order));
        }).toList();
    }
}
