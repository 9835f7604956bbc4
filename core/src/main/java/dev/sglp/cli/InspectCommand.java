package dev.sglp.cli;

import dev.sglp.Records;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Without;
import dev.sglp.model.LayerSet;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.report.Tables;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What a checkpoint holds, from its header alone.
@Command(name = "inspect", modelTransformer = HelpLayout.class, description = "What a checkpoint holds: family, layers, which can be removed, parameters, bytes, MACs. Reads the header alone.", footer = {
        "", "Examples:", "  sglp inspect resnet56-4bfd9763.th", "  sglp inspect pruned/ --json layers.json"})
@Without({"--seed", "--threads", "--device", "--quiet"})
final class InspectCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @SuppressWarnings("NullAway") // picocli fills the fields
    InspectCommand() {}

    /// @param metadata strings the checkpoint carries beside its tensors
    record Inspection(Model model, String format, int removable, List<LayerRow> layers, Map<String, String> metadata) {}

    @Override
    public Integer call() throws IOException {
        common.check();
        try (var file = model.open()) {
            var layers = Records.layers(file.architecture(), LayerSet.EMPTY, LayerSet.EMPTY);
            int removable = (int) layers.stream().filter(LayerRow::removable).count();
            common.out().println(ModelArgument.headline(file));
            common.out().println("%s, %s; %d of %d layers can be removed".formatted(file.architecture().family(),
                    file.checkpoint().format(), removable, layers.size()));
            common.out().println();
            common.out().println(Tables.layers(layers));
            common.writeJson(new Inspection(Records.model(file), file.checkpoint().format(), removable, layers,
                    file.checkpoint().metadata()));
        }
        return 0;
    }
}
