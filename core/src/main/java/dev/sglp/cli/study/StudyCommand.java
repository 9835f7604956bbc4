package dev.sglp.cli.study;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Groups the studies.
@Command(name = "study", description = "Compares many ways to choose on one network: every row chooses, removes, heals and measures. Stopped at any moment, the same command goes on; finished parts are kept.", subcommands = {
        MethodsCommand.class, SegmentsCommand.class, AblationCommand.class, CalibrationCommand.class}, footer = {
                "",
                "Examples:",
                "  sglp study methods smollm2/ --data text:valid.txt --remove 4,8 \\",
                "      --repeats 5 --out study-methods/",
                "  sglp study segments resnet56.th --data images:cifar10-jpeg.zip \\",
                "      --remove 9,12 --out study-segments/",
                "  sglp study ablation resnet56.th --data images:cifar10-jpeg.zip \\",
                "      --remove 9,12 --out study-ablation/",
                "  sglp study calibration resnet56.th --data images:cifar10-jpeg.zip \\",
                "      --remove 9 --out study-calibration/",
                "",
                "sglp study NAME --help explains a study."})
public final class StudyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public StudyCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no study was named");
    }
}
