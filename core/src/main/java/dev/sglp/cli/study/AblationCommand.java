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

/// What each part of the method contributes.
@Command(name = "ablation", modelTransformer = HelpLayout.class, description = "SGLP as it is; without CKA, without segmentation, without GradNorm, without verification; with other scores, norms and similarities; and its rivals.", footer = {
        "",
        "Rows (the names that --train-rows takes):",
        "  sglp, not-verified, quota-global,",
        "  equal-segments (without CKA), one-segment (without segmentation),",
        "  random-inside, random-verified (without GradNorm, 5 seeds),",
        "  gradnorm-skip-inside, loss-inside, reading-kept, norm-global,",
        "  scope-segment, fisher-mean, cka-unbiased, pooled;",
        "  one-shot rivals, no segments and nothing verified: block-influence, loss,",
        "  magnitude, random (5 seeds)",
        "",
        "Examples:",
        "  sglp study ablation resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9,12 --out study-ablation/",
        "  sglp study ablation resnet56.th --data images:cifar10-jpeg.zip \\",
        "      --remove 9 --epochs 1,3 --train-rows sglp,block-influence,random",
        "",
        "DIR gets study.html, study.csv, study.json and parts/, from which the same",
        "command goes on where it was stopped."})
final class AblationCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "study")
    private StudyOptions study;

    @SuppressWarnings("NullAway") // picocli fills the fields
    AblationCommand() {}

    @Override
    public Integer call() throws IOException {
        try (var opened = model.open(common)) {
            var file = data.typed(opened);
            var run = new StudyRun(common, data, study);
            var rows = Variants.ablation(run.base(file));
            run.run(file, new StudyRun.Rows("ablation", rows));
        }
        return 0;
    }
}
