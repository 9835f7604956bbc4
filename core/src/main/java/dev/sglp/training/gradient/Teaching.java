package dev.sglp.training.gradient;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A network whose answers are learned beside the next token (Hinton 2015, arXiv 1503.02531, section 2): `(1 − α) · loss + α · T² ·
/// KL(teacher ‖ student)`, over the whole vocabulary, or over the most likely tokens and all others as one.
///
/// @param network     on weights of its own, with a head over tokens; absent where what it said is kept
/// @param temperature T, above 0
/// @param weight      α, in `[0, 1]`
/// @param answers     what it said of the windows at this temperature; absent where it is asked
/// @param hidden      where its stream is to be met too; absent where nowhere
public record Teaching(Optional<LayeredModel> network, double temperature, double weight, Optional<Answers> answers,
        Optional<Hidden> hidden) {
    /// @throws IllegalArgumentException where there is neither a network nor what one said
    public Teaching {
        if (network.isEmpty() && answers.isEmpty()) {
            throw new IllegalArgumentException("neither a network teaches nor what one said");
        }
    }

    /// It is asked.
    public Teaching(LayeredModel teacher, double temperature, double weight) {
        this(Optional.of(teacher), temperature, weight, Optional.empty(), Optional.empty());
    }

    /// It is not there.
    ///
    /// @param answers what it said at this temperature
    public Teaching(Answers answers, double temperature, double weight) {
        this(Optional.empty(), temperature, weight, Optional.of(answers), Optional.empty());
    }

    /// The network that teaches.
    ///
    /// @throws IllegalStateException where only what it said is there
    public LayeredModel teacher() {
        return network.orElseThrow(() -> new IllegalStateException("of the teacher its answers alone are there"));
    }

    /// The same, computing in another element type, in the current scope.
    public Teaching in(DType type) {
        return new Teaching(network.map(n -> n.in(type)), temperature, weight, answers, hidden);
    }

    /// The same with what it said.
    public Teaching knowing(Answers known) {
        return new Teaching(network, temperature, weight, Optional.of(known), hidden);
    }

    /// The same with what its head multiplies of some windows, in the current scope: it is asked for them once. What is kept already stays.
    public Teaching remembering(Dataset windows) {
        if (network.isEmpty() || answers.isPresent()) {
            return this;
        }
        var all = IntStream.range(0, windows.size()).<Known>mapToObj(
                i -> new Known.States(Scope.yield(() -> states(windows.batch(i, i + 1))))).toList();
        return knowing(new Remembered(all));
    }

    private record Remembered(List<Known> windows) implements Answers {
        @Override
        public Known of(int window) {
            return windows.get(window);
        }

        @Override
        public long bytes() {
            return windows.stream().mapToLong(w -> ((Known.States) w).prepared().nbytes()).sum();
        }
    }

    /// The same whose stream is to be met too.
    public Teaching meeting(Hidden streams) {
        return new Teaching(network, temperature, weight, answers, Optional.of(streams));
    }

    /// How many tokens it tells apart.
    public long vocabulary() {
        return head().matrix().size(0);
    }

    LinearHead head() {
        return (LinearHead) teacher().head();
    }

    /// What is known of all tokens of some of the windows, in the current scope.
    Known known(Batch batch, int[] windows) {
        return answers.map(kept -> Known.padded(Arrays.stream(windows).mapToObj(kept::of).toList(),
                batch.inputs().size(1)).on(Device.of(batch.inputs()))).orElseGet(() -> new Known.States(states(batch)));
    }

    /// The same, and where streams are to be met those.
    Said said(Batch batch, int[] windows) {
        if (hidden.isEmpty()) {
            return new Said(known(batch, windows), Map.of());
        }
        var streams = new TreeMap<Integer, Tensor>();
        var states = states(batch, (layer, _, output) -> hidden.get().layers().forEach((own, behind) -> {
            if (behind == layer) {
                streams.put(own, Scope.own(output.detach().clone()));
            }
        }));
        return new Said(answers.isPresent() ? known(batch, windows) : new Known.States(states), streams);
    }

    /// What its head multiplies, of all tokens, `[n, D]`, in the current scope.
    Tensor states(Batch batch) {
        return states(batch, Tap.NONE);
    }

    private Tensor states(Batch batch, Tap tap) {
        try (var reading = new Reading(batch)) {
            return Autograd.off(() -> {
                var h = teacher().body(batch.inputs(), reading.pass(), tap);
                return head().prepare().forward(h.reshape(-1, h.size(-1)), Pass.evaluation());
            });
        }
    }

    /// What it says of one window, to be kept: its `k` most likely tokens (int32) and their log-probabilities (float16), in the current scope.
    public Known.Most most(Dataset items, int window, int k) {
        return Autograd.recording(false, () -> {
            var states = states(items.batch(window, window + 1));
            long step = head().rowsAtATime();
            long rows = states.size(0);
            var ids = new TensorVector();
            var logs = new TensorVector();
            for (long from = 0; from < rows; from += step) {
                var some = states.narrow(0, from, Math.min(step, rows - from));
                var all = torch.log_softmax(
                        head().logits(some).to(ScalarType.Float).mul_(new Scalar(1 / temperature)), 1);
                var best = torch.topk(all, k, 1, true, true);
                ids.push_back(best.get1().to(ScalarType.Int));
                logs.push_back(best.get0().to(ScalarType.Half));
            }
            return new Known.Most(torch.cat(ids, 0), torch.cat(logs, 0));
        });
    }
}
