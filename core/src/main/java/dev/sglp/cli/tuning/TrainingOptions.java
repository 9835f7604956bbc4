package dev.sglp.cli.tuning;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.teacher.AnswersOption;
import dev.sglp.cli.teacher.Teacher;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.Given;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.training.Augmentation;
import dev.sglp.training.Distillation;
import dev.sglp.training.TextLesson;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import dev.sglp.training.gradient.Teaching;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a network is trained.
@Under(Heading.TRAINING)
public final class TrainingOptions {
    /// Names of optimizers.
    enum Rule {
        SGD, ADAMW
    }

    /// Names of schedules.
    enum Fall {
        COSINE("falling in half a cosine"), STEP("a tenth at half and at three quarters");

        private final String words;

        Fall(String words) {
            this.words = words;
        }
    }

    @Option(names = "--epochs", paramLabel = "N", description = "passes over the training images (default: 10), or windows of text (default: 1)")
    private @Nullable Integer epochs;

    @Option(names = "--max-steps", paramLabel = "N", description = "end after N steps (--train blockwise: of each layer), where --epochs are more; the learning rate falls over them (default: no limit)")
    private @Nullable Integer maxSteps;

    @Option(names = "--minutes", paramLabel = "F", description = "take as many steps as go into F minutes of training, by what the first ones take, where --epochs are more; the learning rate falls over them (default: no limit)")
    private @Nullable Double minutes;

    @Option(names = "--train-samples", paramLabel = "N", description = "train on N images, drawn evenly over the classes, or on N windows of text, drawn evenly (default: all there are)")
    private @Nullable Integer trainSamples;

    @Option(names = "--optimizer", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES} (default: sgd; of text: adamw)")
    private @Nullable Rule optimizer;

    @Option(names = "--learning-rate", paramLabel = "F", description = "after the warm-up (default: 0.01 for sgd, 0.001 for adamw; of text: 0.0001, of lora 0.001, of blockwise 0.0003)")
    private @Nullable Double learningRate;

    @Option(names = "--momentum", paramLabel = "F", description = "sgd: with look-ahead (default: ${DEFAULT-VALUE})")
    private double momentum = 0.9;

    @Option(names = "--weight-decay", paramLabel = "F", description = "norms and biases never decay (default: 0.0005; of text: 0)")
    private @Nullable Double weightDecay;

    @Option(names = "--schedule", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}: how the rate falls; step: a tenth at half and at three quarters (default: ${DEFAULT-VALUE})")
    private Fall schedule = Fall.COSINE;

    @Option(names = "--warm-up", paramLabel = "N", description = "steps over which the rate rises (default: 0; of text: 10)")
    private @Nullable Integer warmUp;

    @Option(names = "--label-smoothing", paramLabel = "F", description = "probability spread over all classes (default: ${DEFAULT-VALUE})")
    private double labelSmoothing = 0;

    @Option(names = "--clip-norm", paramLabel = "F", description = "largest norm of all gradients together; 0: any (default: 0; of text: 1)")
    private @Nullable Double clipNorm;

    @Option(names = "--no-augment", description = "images as they are, neither cut (four pixels) nor mirrored")
    private boolean plain;

    @Option(names = "--save-every", paramLabel = "STEPS", description = "how often the state to --resume from is written (default: about every two minutes, and after each epoch)")
    private int saveEvery = 0;

    @Option(names = "--temperature", paramLabel = "F", description = "distil: how soft the teacher's answers are (default: 2; of text: 1)")
    private @Nullable Double temperature;

    @Option(names = "--distil-weight", paramLabel = "F", description = "distil: 1 learns from the teacher alone, 0 from the labels, of text the next token (default: 0.5; of text: 1)")
    private @Nullable Double distilWeight;

    @Mixin
    private AnswersOption answers;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public TrainingOptions() {}

    /// @param why nothing is trained
    /// @throws UsageException where a flag of training was typed
    static void refuse(String why, Given given) {
        given.refuse(why, "--epochs", "--max-steps", "--minutes", "--train-samples", "--optimizer", "--learning-rate",
                "--momentum",
                "--weight-decay", "--schedule",
                "--warm-up", "--label-smoothing", "--clip-norm", "--save-every");
        given.ignore(why, "--no-augment");
        refuseTeaching(why, given);
    }

    /// @param why there is no teacher
    /// @throws UsageException where a flag of teaching was typed
    static void refuseTeaching(String why, Given given) {
        given.refuse(why, "--temperature", "--distil-weight");
        AnswersOption.refuse(why, given);
    }

    /// @throws UsageException where a flag plays no part beside the others
    void check(Given given, Usual usual) {
        answers.check(usual.text(), given);
        if (usual.text()) {
            given.refuse("is for image networks", "--label-smoothing", "--no-augment");
        }
        if (or(optimizer, usual.optimizer) == Rule.ADAMW) {
            given.refuse("belongs to --optimizer sgd", "--momentum");
        }
        Distillation.check(temperature(usual), distilWeight(usual));
        TrainingFolder.checkSaveEvery(saveEvery);
        Arguments.atLeastOne("--max-steps", maxSteps);
        Arguments.atLeastOne("--train-samples", trainSamples);
        if (minutes != null && !(minutes > 0)) {
            throw new UsageException("--minutes is above 0, got " + minutes);
        }
    }

    /// How many images are trained on; 0: all.
    int trainSamples() {
        return trainSamples == null ? 0 : trainSamples;
    }

    /// What a network is trained on.
    enum Takes {
        IMAGES("images"), SIGNALS("signals"), TEXT("windows");

        private final String words;

        Takes(String words) {
            this.words = words;
        }
    }

    /// Where nobody says otherwise.
    ///
    /// @param rate of sgd, of adamw
    record Usual(Takes takes, int epochs, Rule optimizer, double[] rate, double weightDecay, int warmUp,
            double clipNorm, double temperature, double distilWeight) {
        static final Usual IMAGES = new Usual(Takes.IMAGES, 10, Rule.SGD, new double[]{0.01, 0.001}, 5e-4, 0, 0, 2,
                0.5);
        static final Usual SIGNALS = new Usual(Takes.SIGNALS, 10, Rule.SGD, new double[]{0.01, 0.001}, 5e-4, 0, 0, 2,
                0.5);
        static final Usual TEXT = new Usual(Takes.TEXT, 1, Rule.ADAMW, new double[]{0.01, 1e-4}, 0, 10, 1, 1, 1);
        /// Of layers that follow a stream.
        static final Usual BLOCKWISE = new Usual(Takes.TEXT, 1, Rule.ADAMW, new double[]{0.01, 3e-4}, 0, 3, 1, 1, 1);
        /// Of matrices of low rank.
        static final Usual LORA = new Usual(Takes.TEXT, 1, Rule.ADAMW, new double[]{0.01, 1e-3}, 0, 10, 1, 1, 1);

        boolean text() {
            return takes == Takes.TEXT;
        }
    }

    /// Of networks that take this.
    ///
    /// @param text what is trained of those that read
    static Usual usual(Architecture.Input input, TextTraining text) {
        return switch (input) {
            case Architecture.Input.Image _ -> Usual.IMAGES;
            case Architecture.Input.Signal _ -> Usual.SIGNALS;
            case Architecture.Input.Text _ -> text.usual();
        };
    }

    private static <T> T or(@Nullable T typed, T usual) {
        return typed == null ? usual : typed;
    }

    private double temperature(Usual usual) {
        return or(temperature, usual.temperature);
    }

    private double distilWeight(Usual usual) {
        return or(distilWeight, usual.distilWeight);
    }

    /// Checks every flag.
    ///
    /// @param finetune epochs that another flag asks for; absent: those of `--epochs`
    /// @throws UsageException where a flag is out of range or contradicts another
    TrainingSettings settings(@Nullable Integer finetune, int batchSize, long seed, Usual usual) {
        if (finetune != null && epochs != null && !finetune.equals(epochs)) {
            throw new UsageException(
                    "--finetune %d means --heal full --epochs %d, but --epochs %d was given. Leave one of them out"
                            .formatted(finetune, finetune, epochs));
        }
        int passes = finetune != null ? finetune : or(epochs, usual.epochs);
        var chosen = or(optimizer, usual.optimizer);
        double rate = or(learningRate, usual.rate[chosen.ordinal()]);
        var by = new Regularisation(or(weightDecay, usual.weightDecay), labelSmoothing, or(clipNorm, usual.clipNorm),
                plain || usual.takes != Takes.IMAGES ? Augmentation.none() : Augmentation.cropAndFlip());
        var rule = switch (chosen) {
            case SGD -> new Optimizer.Sgd(momentum, momentum > 0);
            case ADAMW -> Optimizer.AdamW.standard();
        };
        var shape = switch (schedule) {
            case COSINE -> new Schedule.Cosine();
            case STEP -> new Schedule.Steps(List.of(0.5, 0.75), 0.1);
        };
        return new TrainingSettings(passes, batchSize, rule, new Schedule(rate, or(warmUp, usual.warmUp), shape), by,
                seed,
                maxSteps == null ? 0 : maxSteps, minutes == null ? 0 : minutes, 0);
    }

    /// Steps between two writings of the state; 0: by the clock.
    int saveEvery() {
        return saveEvery;
    }

    /// A teacher on weights of its own.
    Distillation teacher(LayeredModel dense) {
        return new Distillation(dense, temperature(Usual.IMAGES), distilWeight(Usual.IMAGES));
    }

    /// The same of a language model.
    Teaching textTeacher(LayeredModel dense) {
        return new Teaching(dense, temperature(Usual.TEXT), distilWeight(Usual.TEXT));
    }

    /// The same, of whatever teaches; empty where nobody does.
    Optional<Teaching> teaching(Teacher teacher) {
        return teacher.network().map(this::textTeacher).or(() -> teacher.said()
                .map(said -> new Teaching(said, temperature(Usual.TEXT), distilWeight(Usual.TEXT))));
    }

    /// Looks whether answers that are kept are those that are wanted.
    ///
    /// @param of    the network that learns
    /// @param about what would be asked
    /// @param type  what the teacher would compute in
    /// @throws IOException where they answer another question
    void checkAnswers(Teacher teacher, ModelFile of, TextLesson.About about, DType type) throws IOException {
        if (teacher.said().isPresent()) {
            answers.check(teacher.said().get(), about, of, temperature(Usual.TEXT));
        } else if (teacher.network().isPresent()) {
            answers.check(teacher.identity(), textTeacher(teacher.network().get()), about.items(), type);
        }
    }

    /// Whether its answers are kept.
    AnswersOption answers() {
        return answers;
    }

    /// How much is learned from a teacher, in words.
    String lesson(Usual usual) {
        return "temperature %s, weight %s".formatted(temperature(usual), distilWeight(usual));
    }

    /// The same, to compare with what was typed another time.
    String teaching(Usual usual) {
        return "temperature=%s, distilWeight=%s%s".formatted(temperature(usual), distilWeight(usual),
                answers.settings());
    }

    /// Every setting of a training, as people read it.
    SequencedMap<String, String> words(TrainingSettings of, @Nullable String teacher, Usual usual) {
        var by = of.regularisation();
        var words = new LinkedHashMap<String, String>();
        words.put("Epochs", "%d, %s%s".formatted(of.epochs(), of.batchTokens() == 0
                ? "%d %s a step".formatted(of.batchSize(), usual.takes.words)
                : "windows of at most %,d tokens a step".formatted(of.batchTokens()),
                (of.maxSteps() == 0 ? "" : ", at most %d steps".formatted(of.maxSteps()))
                        + (of.minutes() == 0 ? "" : ", about %s minutes".formatted(of.minutes()))));
        words.put("Optimizer", switch (of.optimizer()) {
            case Optimizer.Sgd sgd ->
                "SGD, momentum %s%s".formatted(sgd.momentum(), sgd.nesterov() ? ", Nesterov" : "");
            case Optimizer.AdamW a -> "AdamW, betas %s and %s".formatted(a.beta1(), a.beta2());
        });
        words.put("Learning rate", "%s, %s, %d steps of warm-up".formatted(of.schedule().peak(), schedule.words,
                of.schedule().warmUp()));
        words.put("Weight decay", by.weightDecay() + ", not of norms and biases");
        words.put("Label smoothing", by.labelSmoothing() == 0 ? "none" : String.valueOf(by.labelSmoothing()));
        words.put("Gradient norm", by.clipNorm() == 0 ? "not clipped" : "at most " + by.clipNorm());
        words.put("Augmentation",
                plain || usual.takes != Takes.IMAGES ? "none" : "cut (four pixels) and mirrored");
        words.put("Teacher", teacher == null ? "none" : teacher + ", " + lesson(usual));
        words.put("Seed", String.valueOf(of.seed()));
        return words;
    }
}
