package dev.sglp.importance.stream;

import dev.sglp.model.Pass.Precision;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the last layer of a network gives on each batch of the calibration data, which many questions compare candidates with: computed once, and kept as
/// plain numbers while they are few. Several threads may ask.
final class LastOutputs {
    private static final long MOST = 1L << 22; // numbers

    private final Map<Asked, Known> known = new ConcurrentHashMap<>();
    private final Map<Asked, Object> turns = new ConcurrentHashMap<>();
    private long numbers;
    private volatile boolean full; // from then on nothing more is kept

    private record Asked(int batch, Precision precision) {}

    private record Known(double[] values, long[] shape, ScalarType type, Device device) {
        static Known of(Tensor output) {
            return new Known(Tensors.toDoubles(output), output.shape(), output.scalar_type().intern(),
                    Device.of(output));
        }

        Tensor tensor() {
            return Scope.yield(() -> device.doubles(values, shape).to(type));
        }
    }

    /// In the scope that is open. Who asks for one that is being computed waits for it.
    ///
    /// @param pass computes it
    Tensor of(int batch, Precision precision, Supplier<Tensor> pass) {
        var asked = new Asked(batch, precision);
        if (full && !known.containsKey(asked)) {
            return pass.get();
        }
        synchronized (turns.computeIfAbsent(asked, _ -> new Object())) {
            var found = known.get(asked);
            if (found != null) {
                return found.tensor();
            }
            var output = Threads.alone(pass); // the same numbers whichever question comes first
            if (takes(output.numel())) {
                known.put(asked, Known.of(output));
            }
            return output;
        }
    }

    private synchronized boolean takes(long more) {
        full |= numbers + more > MOST;
        numbers += full ? 0 : more;
        return !full;
    }
}
