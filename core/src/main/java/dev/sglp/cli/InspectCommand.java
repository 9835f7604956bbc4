package dev.sglp.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.Records;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Without;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Human;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.report.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What a checkpoint holds, from its header alone.
@Command(name = "inspect", modelTransformer = HelpLayout.class, description = "What a checkpoint holds: family, layers, which can be removed, parameters, bytes, MACs; of a GGUF file also its name, context length and quantisation. Reads the header alone.", footer = {
        "", "Examples:", "  sglp inspect resnet56-4bfd9763.th", "  sglp inspect pruned/ --json layers.json"})
@Without({"--seed", "--threads", "--device", "--quiet"})
final class InspectCommand implements Callable<Integer> {
    private static final String NAME = "general.name"; // of a GGUF file

    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @SuppressWarnings("NullAway") // picocli fills the fields
    InspectCommand() {}

    /// @param context  tokens a language model was made for; absent for images
    /// @param types    the share of a GGUF file's numbers that each type holds; absent elsewhere
    /// @param metadata strings the checkpoint carries beside its tensors
    /// @param notes    what was unusual about reading it
    record Inspection(Model model, String format, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer context,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> types, int removable, List<LayerRow> layers,
            Map<String, String> metadata, List<String> notes) {}

    @Override
    public Integer call() throws IOException {
        common.check();
        try (var file = model.open()) {
            var layers = Records.layers(file.architecture(), LayerSet.EMPTY, LayerSet.EMPTY);
            int removable = (int) layers.stream().filter(LayerRow::removable).count();
            common.out().println(ModelArgument.headline(file));
            common.out().println("%s, %s; %d of %d layers can be removed".formatted(file.architecture().family(),
                    file.checkpoint().format(), removable, layers.size()));
            var types = file.checkpoint() instanceof Gguf gguf ? gguf.types() : Map.<String, Double>of();
            var further = file.architecture().input() instanceof Architecture.Input.Image image
                    ? "pictures %s; mean %s, std %s".formatted(image.preparation(), image.mean(), image.std())
                    : language(file, types);
            if (!further.isEmpty()) {
                common.out().println(further);
            }
            common.out().println();
            common.out().println(Tables.layers(layers));
            common.writeJson(new Inspection(Records.model(file), file.checkpoint().format(), context(file), types,
                    removable, layers, file.checkpoint().metadata(), file.notes()));
        }
        return 0;
    }

    private static @Nullable Integer context(ModelFile file) {
        return file.architecture().input() instanceof Architecture.Input.Text text ? text.context() : null;
    }

    /// What people ask of a language model's file: its name, how long a text may be, how its weights are quantised.
    private static String language(ModelFile file, Map<String, Double> types) {
        var words = new ArrayList<String>();
        if (!types.isEmpty() && file.checkpoint().metadata().containsKey(NAME)) {
            words.add("'%s'".formatted(file.checkpoint().metadata().get(NAME).replaceAll("\\p{Cntrl}", " ")));
        }
        if (context(file) != null) {
            words.add("context of %,d tokens".formatted(context(file)));
        }
        if (!types.isEmpty()) {
            words.add("weights " + types.entrySet().stream()
                    .map(e -> "%s %s".formatted(Human.percent(e.getValue()), e.getKey()))
                    .collect(Collectors.joining(", ")));
        }
        return String.join("; ", words);
    }
}
