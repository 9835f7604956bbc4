package dev.sglp.surgery;

import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Shows that a written model computes what it should: opens it, runs it on random inputs, and leaves inputs and logits
/// beside it, so that others can compare too.
///
/// @param input    what the network reads
/// @param expected computes what the written model has to
/// @param device   on which it does
record Proof(Architecture.Input input, Network expected, Device device) {
    private static final double TOLERANCE = 1e-4;
    private static final int MOST_TOKENS = 16;
    static final long MATRIX = 1L << 24; // numbers of the head's matrix at a time

    /// Computes logits, in the current scope.
    @FunctionalInterface
    interface Network {
        Tensor logits(Tensor inputs) throws IOException;

        /// One in memory, or read from a file of which nothing stays in memory then.
        static Network of(LayeredModel model) {
            return inputs -> {
                var logits = Autograd
                        .off(() -> Device.CPU
                                .moved(Network.logits(model, model.device().moved(inputs), MATRIX, () -> {})));
                LayerSource.of(model).ifPresent(LayerSource::release);
                return logits;
            };
        }

        /// Those of a part of the vocabulary at a time: a matrix that the file has in fewer bytes than it is computed in is never in memory
        /// whole.
        ///
        /// @param most  numbers of the matrix at a time
        /// @param after each part
        static Tensor logits(LayeredModel model, Tensor inputs, long most, Runnable after) {
            if (!(model.head() instanceof LinearHead head && rows(head) > 0)) {
                return model.forward(inputs, Pass.evaluation());
            }
            return Scope.yield(() -> {
                var h = model.body(inputs, Pass.evaluation(), Tap.NONE);
                long step = Math.max(1, most / head.matrix().size(1));
                var parts = new ArrayList<Tensor>();
                for (long from = 0; from < rows(head); from += step) {
                    var rows = new Rows(from, Math.min(step, rows(head) - from), h.scalar_type());
                    parts.add(Scope.yield(() -> rows.of(head).forward(h, Pass.evaluation())));
                    after.run();
                }
                return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), -1);
            });
        }

        /// Of the head's matrix; 0 where it is another tensor's view, of which no part can stand in its place.
        private static long rows(LinearHead head) {
            return head.parameters().values().stream()
                    .anyMatch(tensor -> Tensors.identity(tensor) == Tensors.identity(head.matrix()))
                            ? head.matrix().size(0)
                            : 0;
        }

    }

    /// Some tokens of the vocabulary.
    private record Rows(long from, long length, ScalarType type) {
        Part of(LinearHead head) {
            var whole = Stream.concat(Stream.of(head.matrix()), head.bias().stream()).map(Tensors::identity).toList();
            return head.mapped(tensor -> whole.contains(Tensors.identity(tensor))
                    ? tensor.narrow(0, from, length).to(type)
                    : tensor);
        }
    }

    /// @param written what opens as the new model
    /// @param folder  where the inputs and logits go
    /// @return the largest difference between logits
    /// @throws IOException where the file does not compute the same
    double write(Path written, Path folder) throws IOException {
        try (var _ = Scope.open()) {
            var inputs = inputs(input);
            var logits = expected.logits(inputs);
            double difference = apart(logits, logits(written, inputs));
            if (!(difference <= TOLERANCE)) {
                throw new IOException(
                        "[%s] the written network differs from the one in memory: logits are up to %.3g apart, expected at most %.0e. Nothing was kept"
                                .formatted(written, difference, TOLERANCE));
            }
            leave(folder.resolve(Surgeon.PROOF), Map.of("input", inputs, "logits", logits));
            return difference;
        }
    }

    /// A language model's layers come into memory one at a time; on a card, which rounds otherwise than the processor, it lies there whole.
    private Tensor logits(Path written, Tensor inputs) throws IOException {
        try (var opened = ModelFile.open(written)) {
            var file = opened.on(device);
            if (file.architecture().directory() && device.isCpu()) {
                return new StreamedNetwork(file, LayerSet.EMPTY).logits(inputs);
            }
            try (var weights = file.forReading()) {
                return Network.of(file.architecture().build(weights)).logits(inputs);
            }
        }
    }

    static double apart(Tensor logits, Tensor others) {
        return Tensors.toDoubles(logits.sub(others).abs().max())[0];
    }

    /// Random ones, always the same; in the current scope.
    static Tensor inputs(Architecture.Input input) {
        return switch (input) {
            case Architecture.Input.Image image ->
                Seed.of(0).normal("proof", 1, 4, image.channels(), image.height(), image.width());
            case Architecture.Input.Signal signal ->
                Seed.of(0).normal("proof", 1, 4, signal.channels(), signal.length());
            case Architecture.Input.Text text -> {
                int window = Math.min(text.window(), MOST_TOKENS);
                var random = Seed.of(0).generator("proof");
                yield Tensors.longs(LongStream.generate(() -> random.below(text.vocabulary())).limit(window).toArray())
                        .view(1, window);
            }
        };
    }

    private static void leave(Path path, Map<String, Tensor> tensors) throws IOException {
        var infos = List.of("input", "logits").stream()
                .map(n -> new TensorInfo(n, stored(tensors.get(n)), Tensors.shape(tensors.get(n)))).toList();
        try (var arena = Arena.ofShared()) {
            SafeTensorsWriter.write(path, infos, Map.of("format", "pt"),
                    name -> Tensors.bytes(tensors.get(name), stored(tensors.get(name)), arena));
        }
    }

    private static DType stored(Tensor tensor) {
        return Tensors.dtype(tensor).filter(t -> !t.floating()).orElse(DType.F32);
    }
}
