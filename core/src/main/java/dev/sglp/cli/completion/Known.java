package dev.sglp.cli.completion;

import dev.sglp.cli.choice.Preset;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.task.TaskKind;
import dev.sglp.importance.Criterion;
import dev.sglp.method.Method;
import dev.sglp.method.decision.Decision.OnData;
import dev.sglp.preparation.Interpolation;
import dev.sglp.repair.Repair;
import dev.sglp.training.FineTuning;
import dev.sglp.training.Healing;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The words that flags take whose type does not list them. They are asked for only where a shell is to offer them.
public final class Known {
    private Known() {}

    /// Of `--method`.
    public static final class Methods implements Iterable<String> {
        public Methods() {}

        @Override
        public Iterator<String> iterator() {
            return dev.sglp.method.Methods.all().stream().map(Method::name).iterator();
        }
    }

    /// Of `--criterion`.
    public static final class Criteria implements Iterable<String> {
        public Criteria() {}

        @Override
        public Iterator<String> iterator() {
            return dev.sglp.importance.Criteria.all().stream().map(Criterion::name).iterator();
        }
    }

    /// In a study: the layer before each gap alone is refitted.
    public static final String GAPS = "refit-gaps";

    /// Of `--repair` in a study.
    public static final class StudyRepairs implements Iterable<String> {
        public StudyRepairs() {}

        @Override
        public Iterator<String> iterator() {
            return Stream.concat(dev.sglp.repair.Repairs.all().stream().map(Repair::name), Stream.of(GAPS)).iterator();
        }
    }

    /// Of `--repair` where there are no data.
    public static final class NoRepair implements Iterable<String> {
        public NoRepair() {}

        @Override
        public Iterator<String> iterator() {
            return List.of("none").iterator();
        }
    }

    /// Of `--decide`.
    public static final class Decisions implements Iterable<String> {
        public Decisions() {}

        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Arrays.stream(OnData.values()).map(known -> known.name().toLowerCase(Locale.ROOT)),
                    Stream.of("task:")).iterator();
        }
    }

    /// Of `--preset`.
    public static final class Presets implements Iterable<String> {
        public Presets() {}

        @Override
        public Iterator<String> iterator() {
            return Preset.all().stream().map(Preset::name).iterator();
        }
    }

    /// Of `--repair`.
    public static final class Repairs implements Iterable<String> {
        public Repairs() {}

        @Override
        public Iterator<String> iterator() {
            return dev.sglp.repair.Repairs.all().stream().map(Repair::name).iterator();
        }
    }

    /// Of `--heal`: of a language model, what of it is trained with the dense one as its teacher.
    public static final List<String> TAUGHT = List.of("partial", "lora", "blockwise");

    /// Of `--heal`, after one removal.
    public static final class Healings implements Iterable<String> {
        public Healings() {}

        @Override
        public Iterator<String> iterator() {
            return Stream.concat(dev.sglp.training.Healings.all().stream().map(Healing::name),
                    Stream.concat(Stream.of(FineTuning.FULL, FineTuning.DISTIL), TAUGHT.stream())).iterator();
        }
    }

    /// Of `--heal` in a study.
    public static final class StudyHealings implements Iterable<String> {
        public StudyHealings() {}

        @Override
        public Iterator<String> iterator() {
            return dev.sglp.training.Healings.all().stream().map(Healing::name).iterator();
        }
    }

    /// Of `--normalise`.
    public static final class Normalisations implements Iterable<String> {
        public Normalisations() {}

        @Override
        public Iterator<String> iterator() {
            return Normalisation.names().iterator();
        }
    }

    /// Of `--interpolation`.
    public static final class Interpolations implements Iterable<String> {
        public Interpolations() {}

        @Override
        public Iterator<String> iterator() {
            return Interpolation.names().iterator();
        }
    }

    /// Of `--data` and `--test`: what stands before a path.
    public static final class DataKinds implements Iterable<String> {
        public DataKinds() {}

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(DataSpec.Kind.values())
                    .flatMap(kind -> kind == DataSpec.Kind.TASK
                            ? Stream.concat(Arrays.stream(TaskKind.values()).map(TaskKind::label),
                                    Arrays.stream(ExactMatchKind.values()).map(ExactMatchKind::label))
                                    .map("task:%s="::formatted)
                            : Stream.of(kind.prefix() + ":"))
                    .iterator();
        }
    }

    /// Of `--device`.
    public static final class Devices implements Iterable<String> {
        public Devices() {}

        @Override
        public Iterator<String> iterator() {
            return List.of("cpu", "cuda").iterator();
        }
    }

    /// Of `--segments`, besides numbers.
    public static final class Segments implements Iterable<String> {
        public Segments() {}

        @Override
        public Iterator<String> iterator() {
            return List.of("auto").iterator();
        }
    }
}
