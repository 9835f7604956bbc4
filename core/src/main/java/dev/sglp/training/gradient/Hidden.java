package dev.sglp.training.gradient;

import dev.sglp.data.Batch;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.Scope;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A network's stream is to come near its teacher's behind some layers: what is added to the loss is `W` times the mean over these layers and all
/// tokens of `‖s − t‖² / ‖t‖²` (the squared error of hidden states, as in TinyBERT, Jiao 2020, arXiv 1909.10351, and Minitron, Muralidharan
/// 2024, arXiv 2407.14679, made independent of how long a stream's vectors are).
///
/// @param weight W, above 0
/// @param layers of the network, and of the teacher the one behind which its stream is met
public record Hidden(double weight, SortedMap<Integer, Integer> layers) {
    private static final long[] LAST = {-1};

    public Hidden {
        layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
    }

    /// Which layers are asked for.
    ///
    /// @param chosen of the network; none: the one before each gap, and the last
    public record Asked(double weight, List<Integer> chosen) {
        public Asked {
            chosen = List.copyOf(chosen);
            if (!(weight > 0 && Double.isFinite(weight))) {
                throw new UsageException("--distil-hidden is a weight above 0, got " + weight);
            }
        }

        /// @param layers of the network
        /// @throws UsageException where it has not all that are asked for
        public void check(int layers) {
            chosen.stream().filter(layer -> layer < 0 || layer >= layers).findFirst().ifPresent(layer -> {
                throw new UsageException(
                        "--distil-layers %d: the network has layers 0 to %d".formatted(layer, layers - 1));
            });
        }

        /// Each meets the teacher where the next layer that was kept reads its stream.
        ///
        /// @param missing which of the teacher's layers the network lacks
        /// @param dense   how many the teacher has
        /// @throws UsageException where the network has no such layer
        public Hidden of(LayerSet missing, int dense) {
            var kept = missing.others(dense);
            check(kept.size());
            int last = kept.size() - 1;
            var all = new TreeMap<Integer, Integer>();
            for (int place = 0; place <= last; place++) {
                int behind = (place < last ? kept.get(place + 1) : dense) - 1;
                boolean usual = behind > kept.get(place) || place == last;
                if (chosen.isEmpty() ? usual : chosen.contains(place)) {
                    all.put(place, behind);
                }
            }
            return new Hidden(weight, all);
        }
    }

    /// What one batch adds.
    ///
    /// @param loss    a double
    /// @param vectors its gradients with respect to the network's stream, by layer
    record Added(Tensor loss, Map<Integer, Tensor> vectors) {}

    /// @param streams the teacher's, by the network's layer, `[B, T, D]`
    /// @param own     the network's, in the order of {@link #layers}
    /// @param share   of each token in the mean
    Added of(Map<Integer, Tensor> streams, List<Tensor> own, Batch batch, double share) {
        var vectors = new TreeMap<Integer, Tensor>();
        var loss = Scope.yield(() -> own.getFirst().narrow(0, 0, 0).sum().to(ScalarType.Double));
        var numbers = List.copyOf(layers.keySet());
        for (int i : IntStream.range(0, own.size()).toArray()) {
            var aim = streams.get(numbers.get(i)).to(ScalarType.Float);
            var each = aim.square().sum(LAST, true, new ScalarTypeOptional()).reciprocal()
                    .mul_(new Scalar(weight * share / layers.size())); // [B, T, 1]
            batch.padding().ifPresent(padding -> each.masked_fill_(padding.unsqueeze(-1), new Scalar(0.0)));
            var difference = own.get(i).detach().to(ScalarType.Float).sub(aim);
            loss.add_(difference.square().mul_(each).sum().to(ScalarType.Double));
            vectors.put(numbers.get(i), difference.mul_(each).mul_(new Scalar(2.0)).to(own.get(i).scalar_type()));
        }
        return new Added(loss, vectors);
    }
}
