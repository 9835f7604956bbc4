package dev.sglp.importance.letter;

import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.data.Subset;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.model.Layout;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.SplitMix;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The paper's sentence word for word (arXiv 2410.14720): "selected layers with pre-trained weights and others randomly". Of a segment's
/// removable layers a combination `K` stays: a network that is random everywhere, in the other segments, in layers that cannot go, in stem
/// and head too, gets the pretrained weights of the layers of `K` alone. `G(K) = √(Σ ‖∂L/∂θ‖²)` over all its parameter tensors, a tied
/// one once, batch norm by the batch's own statistics, mean over some batches. **The `K` with the largest norm stays**, so the set that goes,
/// the segment's removable layers without `K`, scores `−G(K)`. Layers that must stay are in every `K`.
///
/// Memory: the random network beside the dense one, whose layers are used as they are; activations of the batches, of each lane; the
/// gradients of one part at a time.
///
/// @param form    whether each combination is tried on the random network, or on what the one before left
/// @param draws   independent random networks, averaged
/// @param batches what it is scored on
public record Letter(Form form, int draws, Batches batches) implements Criterion {
    /// What a combination is tried on.
    public enum Form {
        /// The random network: all combinations on the same batches, the first of the calibration data.
        RESET,
        /// One random network a segment, never reset: combinations come in lexicographic order (by the layers that stay), each leaves its layers
        /// pretrained, and each is scored on the batches that follow those of the one before. Once all layers of the segment are pretrained,
        /// combinations differ by the batches drawn alone; where there is one batch in all they do not differ.
        ACCUMULATED
    }

    /// On how many batches each combination is scored: consecutive ones of the calibration data in their order, as many as there are at most. What is left
    /// after the last whole batch plays no part, unless there is no whole one: then all examples are the one batch. Who needs more goes through the
    /// data again, each time in another order, as a training does.
    ///
    /// @param count   how many
    /// @param images  examples of each, where they are no texts
    /// @param windows of texts
    public record Batches(int count, int images, int windows) {
        public Batches {
            if (count < 1 || images < 1 || windows < 1) {
                throw new UsageException("the letter is scored on at least one batch of at least one example, got %d of %d images or %d windows"
                        .formatted(count, images, windows));
            }
        }

        int size(Layout layout) {
            return layout.tokens() ? windows : images;
        }

        /// How many different ones these data have.
        int available(Dataset examples, Layout layout) {
            return Math.max(1, examples.size() / size(layout));
        }

        /// Whether all examples are the one batch there is.
        boolean isOne(Dataset examples, Layout layout) {
            return examples.size() <= size(layout);
        }

        /// The batch of this number: the passes after the first each take the examples in an order of their own.
        Dataset batch(int number, Dataset examples, Layout layout, long seed) {
            int all = available(examples, layout);
            int from = number % all * size(layout);
            int to = Math.min(examples.size(), from + size(layout));
            int pass = number / all;
            if (pass == 0) {
                return new Stretch(examples, from, to);
            }
            int[] order = IntStream.range(0, examples.size()).toArray();
            new SplitMix(SplitMix.mix(seed, pass)).shuffle(order);
            return new Subset(examples, Arrays.stream(order, from, to).boxed().toList());
        }
    }

    /// Two batches of 64 images, or of 4 windows.
    public static final Batches USUAL = new Batches(2, 64, 4);

    public Letter {
        if (draws < 1) {
            throw new UsageException("--draws is at least 1, got " + draws);
        }
    }

    /// One draw, two batches, each combination on the random network.
    public static Letter standard() {
        return new Letter(Form.RESET, 1, USUAL);
    }

    /// The same on one random network that is never reset.
    public static Letter accumulated() {
        return new Letter(Form.ACCUMULATED, 1, USUAL);
    }

    @Override
    public String name() {
        return form == Form.RESET ? "gradnorm-letter" : "gradnorm-letter-accumulated";
    }

    @Override
    public String source() {
        return "SGLP, arXiv 2410.14720, word for word";
    }

    @Override
    public boolean drawsWeights() {
        return true;
    }

    @Override
    public boolean comparesOneSize() {
        return true;
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        var seed = Seed.of(task.data().seed());
        return new LetterScores(task, this, draw -> task.model().reinitialised(seed.draw(draw))).scores();
    }
}
