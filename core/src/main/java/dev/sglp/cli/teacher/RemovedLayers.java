package dev.sglp.cli.teacher;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.report.Json;
import dev.sglp.surgery.MissingLayers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Which layers a network lacks: found by the weights of the teacher that it was made of, else told by the `plan.json` beside it.
public record RemovedLayers(ModelFile file) {
    /// Of a network of which no plan tells.
    public static final String UNKNOWN = "as it came";

    /// Of one that was trained after layers were removed.
    public static final String HEALED = "healed";

    private static final JsonMapper JSON = new JsonMapper();
    private static final String PLAN = "plan.json";
    private static final String RECORD = "prune.json";

    /// @param dense the teacher; empty where there is none
    /// @throws InputException where neither knows
    /// @throws UsageException where there is neither
    public LayerSet of(Optional<LayeredModel> dense, LayeredModel smaller) {
        if (dense.isEmpty()) {
            return planned();
        }
        try {
            return MissingLayers.of(dense.get(), smaller).removed();
        } catch (InputException e) {
            if (plan().isPresent()) { // what was trained is not found by its weights
                return planned();
            }
            throw new InputException("the network is not the --teacher without some layers: " + e.getMessage());
        }
    }

    /// By the plan alone.
    ///
    /// @throws InputException where the plan is of another network
    /// @throws UsageException where there is none
    public LayerSet planned() {
        var place = plan().orElseThrow(() -> new UsageException(
                "--train-layers gaps: [%s] has no %s beside it, which tells where layers were removed. --teacher MODEL tells it too"
                        .formatted(file.checkpoint().path(), PLAN)));
        try {
            var plan = Json.readPlan(place);
            int there = file.architecture().layers().size();
            if (plan.removed().size() == 0 || plan.layers() - plan.removed().size() != there) {
                throw new InputException("[%s] removes %d of %d layers, and the network beside it has %d"
                        .formatted(place, plan.removed().size(), plan.layers(), there));
            }
            return plan.removed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the plan beside it says the network is, in a word: `pruned` or `repaired`, `healed` where the record of a run says that it was
    /// trained since; {@link #UNKNOWN} where none says.
    public String state() {
        try {
            int there = file.architecture().layers().size();
            var place = plan();
            var plan = place.isEmpty() ? null : Json.readPlan(place.get());
            if (plan == null || plan.removed().size() == 0 || plan.layers() - plan.removed().size() != there) {
                return UNKNOWN;
            }
            if (trained(place.get().resolveSibling(RECORD))) {
                return HEALED;
            }
            return plan.repair() != null && plan.repair().kept() ? "repaired" : "pruned";
        } catch (IOException _) { // it matters where layers are asked for
            return UNKNOWN;
        }
    }

    /// What the teacher of a network in such a state is called.
    public static String teacher(String state) {
        return state.equals(UNKNOWN) ? "teacher" : "dense";
    }

    /// What a network in such a state is when it was trained: healed once, `trained` then.
    public static String afterTraining(String state) {
        return state.equals(UNKNOWN) || state.equals(HEALED) ? "trained" : HEALED;
    }

    private static boolean trained(Path record) throws IOException {
        return Files.isRegularFile(record) && JSON.readTree(record.toFile()).path("training").isObject();
    }

    private Optional<Path> plan() {
        return file.checkpoint().home().map(home -> home.resolve(PLAN)).filter(Files::isRegularFile);
    }
}
