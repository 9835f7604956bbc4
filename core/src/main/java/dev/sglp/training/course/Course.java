package dev.sglp.training.course;

import dev.sglp.data.Dataset;
import dev.sglp.tensor.SplitMix;
import dev.sglp.training.TrainingSettings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How a training goes through its items: in passes over all of them, each in a new order and cut into steps. An epoch is what is followed by a
/// measurement: a pass, or one of the stretches into which it is cut.
public final class Course {
    private static final int MOST_STRETCHES = 10;
    /// A measurement takes about a quarter of the time that training on as many tokens takes.
    private static final int TRAINED_FOR_MEASURED = 3;

    private final Dataset items;
    private final TrainingSettings settings;
    private final Batches batches;
    private final int stretches;

    private Course(Dataset items, TrainingSettings settings, Batches batches, int stretches) {
        this.items = items;
        this.settings = settings;
        this.batches = batches;
        this.stretches = stretches;
    }

    /// A measurement after each pass.
    public static Course ofPasses(Dataset items, TrainingSettings settings) {
        return new Course(items, settings, Batches.of(items, settings), 1);
    }

    /// So many measurements of a text that they take a tenth of the time or less.
    public static Course ofText(Dataset items, Dataset measured, TrainingSettings settings) {
        var batches = Batches.of(items, settings);
        long places = measured.places(0, measured.size());
        long steps = batches.fewest();
        long taken = settings.maxSteps() == 0 ? steps : Math.min(steps, settings.maxSteps());
        long trained = items.places(0, items.size()) * taken / steps;
        long wanted = places == 0 ? 1 : Math.clamp(trained / (TRAINED_FOR_MEASURED * places), 1, MOST_STRETCHES);
        return new Course(items, settings, batches, Math.toIntExact(Math.min(wanted, taken) * steps / taken));
    }

    /// Steps of the whole training.
    public long steps() {
        long all = batches.all(settings.epochs());
        return settings.maxSteps() == 0 ? all : Math.min(all, settings.maxSteps());
    }

    /// Epochs that are begun.
    public int epochs() {
        int epochs = 0;
        while (begin(epochs) < steps()) {
            epochs++;
        }
        return epochs;
    }

    /// What each of them is, in a word.
    public String word() {
        return stretches == 1 ? "epoch" : "part";
    }

    /// The same with its number, from 1, and how many there are.
    public String words(int epoch) {
        return "%s %d of %d".formatted(word(), epoch + 1, epochs());
    }

    /// Which pass an epoch belongs to, from 0.
    private int passOf(int epoch) {
        return epoch / stretches;
    }

    /// Steps of its pass before an epoch.
    private int before(int epoch) {
        int stretch = epoch % stretches;
        return stretch == 0 ? 0 : Math.toIntExact((long) batches.steps(passOf(epoch)) * stretch / stretches);
    }

    /// Steps before an epoch.
    public long begin(int epoch) {
        return batches.before(passOf(epoch)) + before(epoch);
    }

    /// Steps of an epoch, from 0: the last may end early.
    public int steps(int epoch) {
        return Math.toIntExact(Math.min(begin(epoch + 1), steps()) - begin(epoch));
    }

    /// Of the order of an epoch's pass, and of what is drawn in it.
    public long seed(int epoch) {
        return SplitMix.mix(settings.seed(), passOf(epoch));
    }

    /// The items of each step of an epoch.
    public List<int[]> batches(int epoch) {
        int[] order = Batches.order(items.size(), settings, passOf(epoch));
        int[] ends = batches.ends(order);
        int first = before(epoch);
        return IntStream.range(first, first + steps(epoch))
                .mapToObj(i -> Arrays.copyOfRange(order, i == 0 ? 0 : ends[i - 1], ends[i])).toList();
    }
}
