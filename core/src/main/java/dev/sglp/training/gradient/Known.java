package dev.sglp.training.gradient;

import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// What a teacher says of some places, a row each.
public sealed interface Known {
    /// Some of the rows.
    Known rows(Tensor at);

    /// Of several windows, each as long as the longest: what is added stands where nothing is asked.
    static Known padded(List<Known> windows, long length) {
        return switch (windows.getFirst()) {
            case States _ -> new States(cat(windows.stream().map(w -> ((States) w).prepared).toList(), length));
            case Most _ -> new Most(cat(windows.stream().map(w -> ((Most) w).ids).toList(), length),
                    cat(windows.stream().map(w -> ((Most) w).logProbabilities).toList(), length));
        };
    }

    private static Tensor cat(List<Tensor> windows, long length) {
        return Scope.yield(() -> {
            var all = windows.stream().map(w -> w.size(0) == length
                    ? w
                    : torch.constant_pad_nd(w, new long[]{0, 0, 0, length - w.size(0)})).toArray(Tensor[]::new);
            return torch.cat(new TensorVector(all), 0);
        });
    }

    /// The same on another device.
    Known on(Device device);

    /// What its head multiplies, `[n, D]`: all that it says follows.
    record States(Tensor prepared) implements Known {
        @Override
        public States rows(Tensor at) {
            return new States(prepared.index_select(0, at));
        }

        @Override
        public States on(Device device) {
            return new States(device.moved(prepared));
        }
    }

    /// Its most likely tokens; what is left is one more answer.
    ///
    /// @param ids              `[n, k]`, int32
    /// @param logProbabilities of each, `[n, k]`, at the temperature that is taught at
    record Most(Tensor ids, Tensor logProbabilities) implements Known {
        @Override
        public Most on(Device device) {
            return new Most(device.moved(ids), device.moved(logProbabilities));
        }

        @Override
        public Most rows(Tensor at) {
            return new Most(ids.index_select(0, at), logProbabilities.index_select(0, at));
        }
    }
}
