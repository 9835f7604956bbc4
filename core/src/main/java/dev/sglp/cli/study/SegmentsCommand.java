package dev.sglp.cli.study;

import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.study.Variants;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// The number of segments.
@Command(name = "segments", modelTransformer = HelpLayout.class, description = "SGLP with 2, 3, 4, 5 and as many segments as the loss curve says; what the networks are worth, and how stable the segments are on subsets of the calibration images.", footer = {
        "",
        "Examples:",
        "  sglp study segments resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9,12 --out study-segments/",
        "  sglp study segments resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --limit 1000 --heal bn",
        "",
        "DIR gets study.html, study.csv, study.json and parts/, from which the same",
        "command goes on where it was stopped."})
final class SegmentsCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "study")
    private StudyOptions study;

    @SuppressWarnings("NullAway") // picocli fills the fields
    SegmentsCommand() {}

    @Override
    public Integer call() throws IOException {
        try (var opened = model.open(common)) {
            var file = data.typed(opened);
            var run = new StudyRun(common, data, study);
            var rows = Variants.segments(run.base(file), file.architecture().layers().size());
            run.run(file, new StudyRun.Rows("segments", rows));
        }
        return 0;
    }
}
