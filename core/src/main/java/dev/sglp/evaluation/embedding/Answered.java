package dev.sglp.evaluation.embedding;

import dev.sglp.data.Batch;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataRoles.RepairData;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective.Answer;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Texts whose targets are what a network makes of them: an encoder that was trained for no task is asked to stay as it is. A text is
/// one example.
public final class Answered implements Dataset {
    private final Dataset texts;
    private final float[][] answers;

    private Answered(Dataset texts, float[][] answers) {
        this.texts = texts;
        this.answers = answers;
    }

    /// @param by an encoder; asked once for each text
    public static Answered of(Dataset texts, LayeredModel by, Progress progress) {
        var found = Embeddings.of(by, texts, progress);
        return new Answered(texts, IntStream.range(0, texts.size()).mapToObj(i -> floats(found.vector(i)))
                .toArray(float[][]::new));
    }

    private static float[] floats(double[] vector) {
        var all = new float[vector.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) vector[i];
        }
        return all;
    }

    /// What a run chooses and repairs on, answered by the dense network where it is an encoder; else as it is. The report stays: both
    /// networks are run on it.
    public static DataRoles roles(LayeredModel dense, DataRoles roles, Progress progress) {
        return new Known(dense, progress).roles(roles);
    }

    /// Data that were answered so far: each once.
    public static final class Known {
        private final LayeredModel dense;
        private final Progress progress;
        private final IdentityHashMap<Dataset, Dataset> known = new IdentityHashMap<>();

        /// @param dense who answers, where it is an encoder
        public Known(LayeredModel dense, Progress progress) {
            this.dense = dense;
            this.progress = progress;
        }

        /// As {@link Answered#roles}.
        public DataRoles roles(DataRoles roles) {
            return dense.objective().answer() == Answer.EMBEDDING
                    ? new DataRoles(of(roles.calibration()),
                            new RepairData(of(roles.repair().fit()), of(roles.repair().check())),
                            of(roles.verification()), roles.report(), roles.notes())
                    : roles;
        }

        /// The same of one of them.
        public Dataset of(Dataset items) {
            return dense.objective().answer() != Answer.EMBEDDING || items instanceof Answered
                    ? items
                    : known.computeIfAbsent(items, _ -> Answered.of(items, dense, progress));
        }
    }

    @Override
    public Batch batch(int from, int to) {
        return pick(IntStream.range(from, to).toArray());
    }

    @Override
    public Batch pick(int... items) {
        var batch = texts.pick(items);
        return new Batch(batch.inputs(), Scope.yield(() -> rows(Device.of(batch.inputs()), items)), batch.padding());
    }

    @Override
    public Answered on(Device device) {
        var there = texts.on(device);
        return there == texts ? this : new Answered(there, answers);
    }

    private Tensor rows(Device device, int... items) { // [B, D]
        int width = answers.length == 0 ? 0 : answers[0].length;
        var all = new float[items.length * width];
        for (int i = 0; i < items.length; i++) {
            System.arraycopy(answers[items[i]], 0, all, i * width, width);
        }
        return device.floats(all, items.length, width);
    }

    @Override
    public long places(int from, int to) {
        return texts.places(from, to);
    }

    @Override
    public String name() {
        return texts.name();
    }

    @Override
    public int size() {
        return texts.size();
    }

    @Override
    public List<String> classes() {
        return texts.classes();
    }

    @Override
    public List<String> itemHashes() {
        return texts.itemHashes();
    }

    /// Of the texts and their answers.
    @Override
    public String digest() {
        return Dataset.digest((texts.digest() + Arrays.deepHashCode(answers))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
